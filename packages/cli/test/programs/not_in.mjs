// A program that did not opt in.
console.log('ready')
setInterval(() => {}, 1000)
