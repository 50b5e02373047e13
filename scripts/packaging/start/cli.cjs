// What wharf runs in an installation; a checkout's looks for changed sources first (scripts/cli.cjs).
const { programOf, runBundle } = require("./run-bundle.cjs");
runBundle(`${__dirname}/../${programOf(process.argv[2])}`);
