// What wharfd runs in an installation; a checkout's looks for changed sources first (scripts/engine.cjs).
require("../engine.cjs");
