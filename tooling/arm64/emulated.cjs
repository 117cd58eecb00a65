// Loaded before a program (node --require) that runs on an emulated processor, or starts such programs: the kernel cannot
// execute the Node of another processor, so who starts Node gets a script that has it emulated.
process.execPath = process.env.LOOP_EMULATED_NODE
