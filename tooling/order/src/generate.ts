import type { Block, Program } from './ast.js'
import { Blocks } from './blocks.js'
import type { Feature } from './features.js'
import { Names } from './names.js'
import { Random } from './random.js'

/** The program of a seed: always the same one for the same seed and features. */
export function generate(seed: number, features: ReadonlySet<Feature>): Program {
  const random = new Random(seed)
  const names = new Names(random)
  const blocks = new Blocks(random, names, features)
  const main: Block = names.futures.map((name) => ({ op: 'future', name }))
  main.push(...names.primitives.map((primitive) => blocks.make(primitive)))
  main.push(...blocks.opening(), ...blocks.body({ rank: 0, depth: 0 }, random.between(5, 11)))
  return { title: `seed ${seed}`, main }
}
