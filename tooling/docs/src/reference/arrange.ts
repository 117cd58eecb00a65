import {
  Comment,
  type CommentDisplayPart,
  CommentTag,
  type Context,
  type DeclarationReflection,
  type DocumentReflection,
  type ProjectReflection,
  ReferenceReflection,
  ReflectionKind,
} from 'typedoc'
import { chapterOf } from './chapters.js'
import type { EntryPoint } from './entry_points.js'

/** Members that say nothing to who reads the reference: how an object is printed, and what an error is called. */
function isNoise({ name, parent }: DeclarationReflection): boolean {
  return (
    name === '[custom]' ||
    name === '[toStringTag]' ||
    (name === 'name' && /Error$|^Queue(Empty|Full|ShutDown)$/.test(parent?.name ?? ''))
  )
}

/** Calls each module what a program imports it as, and sorts what it exports into chapters by the folder it lives in. */
export function arrange(context: Context, points: readonly EntryPoint[]): void {
  const members = context.project.getReflectionsByKind(ReflectionKind.ClassMember) as DeclarationReflection[]
  for (const member of members) if (isNoise(member)) context.project.removeReflection(member)
  const modules = context.project.getReflectionsByKind(ReflectionKind.Module) as DeclarationReflection[]
  for (const module of modules) {
    const point = points.find(({ file }) => file === fileOf(context, module))
    if (point !== undefined) module.name = point.name
    for (const child of module.children ?? []) {
      const declared = child instanceof ReferenceReflection ? child.getTargetReflectionDeep() : child
      const chapter = chapterOf(fileOf(context, declared as DeclarationReflection) ?? '')
      if (chapter === undefined) {
        // Only core is large enough for chapters, and there everything has one.
        if (module.name === '@loop/core')
          context.logger.warn(`${child.name} is in no chapter: see reference/chapters.ts`)
        continue
      }
      child.comment ??= new Comment()
      child.comment.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: chapter }]))
    }
  }
}

/** The chapters are known by now, and a comment that holds nothing else is none: what has no docstring must be found. */
export function removeMarks(project: ProjectReflection): void {
  for (const reflection of Object.values(project.reflections)) {
    reflection.comment?.removeTags('@category')
    if (reflection.comment?.hasVisibleComponent() === false) delete reflection.comment
  }
}

/** Calls each page what its heading says; those of a folder stay together in one. */
export function nameDocuments(context: Context): void {
  for (const page of context.project.getReflectionsByKind(ReflectionKind.Document) as DocumentReflection[]) {
    const [first] = page.content
    const heading = first?.kind === 'text' ? /^# (.*)$/m.exec(first.text)?.[1] : undefined
    if (heading === undefined) continue
    const folder = /^(.*\/)/.exec(page.name)?.[1] ?? ''
    page.name = folder + heading.replaceAll('/', ', ')
  }
}

/**
 * What stands after a blank line behind the last tag of a docstring concerns the whole, and is read as part of that tag;
 * here it becomes remarks, and what the thing stands for in asyncio a section of its own.
 */
export function separateRemarks(context: Context): void {
  for (const { comment } of Object.values(context.project.reflections)) {
    const last = comment?.blockTags.at(-1)
    if (comment === undefined || last === undefined) continue
    const remarks = splitAt(last.content, /\n\s*\n/)
    const origin = splitAt(remarks, /(?:^|\s)asyncio:/)
    if (remarks.some(({ text }) => text.trim() !== '')) comment.blockTags.push(new CommentTag('@remarks', remarks))
    if (origin.length > 0) comment.blockTags.push(new CommentTag('@asyncio', origin))
  }
}

/** Takes out what follows the first match in the text, and gives it. */
function splitAt(content: CommentDisplayPart[], mark: RegExp): CommentDisplayPart[] {
  const at = content.findIndex(({ kind, text }) => kind === 'text' && mark.test(text))
  const part = content[at]
  const found = part && mark.exec(part.text)
  if (!part || !found) return []
  const [, ...rest] = content.splice(at)
  const before = part.text.slice(0, found.index)
  const after = part.text.slice(found.index + found[0].length).trimStart()
  if (before !== '') content.push({ kind: 'text', text: before })
  return after === '' ? rest : [{ kind: 'text', text: after }, ...rest]
}

/** A docstring that consists of tags alone does not say what the thing is. */
export function mustHaveSummaries(context: Context): void {
  for (const reflection of Object.values(context.project.reflections)) {
    const { comment } = reflection
    if (comment === undefined || comment.blockTags.length === 0 || comment.summary.length > 0) continue
    if (reflection.kindOf(ReflectionKind.ConstructorSignature | ReflectionKind.Constructor)) continue
    // What only has its chapter says nothing itself: its signatures do.
    if (comment.blockTags.every(({ tag }) => tag === '@category')) continue
    context.logger.warn(`${reflection.getFriendlyFullName()} has a docstring without a sentence`)
  }
}

function fileOf(context: Context, reflection: DeclarationReflection): string | undefined {
  return context.getSymbolFromReflection(reflection)?.declarations?.[0]?.getSourceFile().fileName
}
