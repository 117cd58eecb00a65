/** `@loop/core/capabilities`: the data of docs/platforms.md, for tools. */
export { type Capability, capabilities, type Mechanism, mechanisms, type Support, supportOf } from './capabilities.js'
export { type Feature, features } from './features.js'
