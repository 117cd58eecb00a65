/**
 * What each mechanism supports, as data, for tools.
 *
 * @packageDocumentation
 */
export {
  type Capability,
  capabilities,
  type Mechanism,
  mechanisms,
  type SomeReleases,
  type Support,
  supportOf,
} from './capabilities.js'
export { type Feature, features } from './features.js'
