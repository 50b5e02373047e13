import { randomInt } from "node:crypto";
import { invalidParameter } from "../../base/errors.ts";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const ADJECTIVES = words(`
  able amber ample arctic autumn bold brave breezy bright brisk calm candid cheery clear clever coastal
  copper cosy crisp curious daring deep eager early earnest easy fair fleet floating fond free fresh
  gentle glad golden grand hardy hasty hidden honest humble idle jolly keen kind late lively loyal lucid
  mellow merry mighty misty modest neat nimble noble northern patient placid polite proud quick quiet
  rapid ready restful robust rustic salty sandy serene sharp shiny silent silver sleepy smooth snug solid
  southern spry steady stout sturdy sunny swift tidal tidy tranquil trusty upright vivid warm wary wild
  windy wise witty young`);

const NOUNS = words(`
  admiral albatross anchor anchorage barge bay beacon berth bollard bow breakwater breeze brig buoy cabin
  cape captain cargo channel clipper coast compass coral cormorant corvette cove crane crew current cutter
  deck delta derrick dinghy dock dolphin dory estuary ferry fjord fleet frigate galleon galley gannet gull
  gulf harbor haven helm heron hull inlet island jetty junk keel ketch kraken lagoon lantern lighthouse
  lock lugger marina mariner marlin mast mooring narwhal oar ocean orca osprey packet pelican petrel pier
  pilot pinnace plover port puffin quay raft reef rudder sail sailor schooner seal shoal skiff sloop sound
  spar squall starboard steamer strait tern tide trawler tug turtle voyage walrus wave whale wharf yacht
  yawl`);

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const ATTEMPTS = 8;

const pick = <T>(list: readonly T[]): T => list[randomInt(list.length)]!;

/** "swift_harbor"; with a number behind it when a few of them were taken. */
export function generateName(isTaken: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt++) {
    const number = attempt < ATTEMPTS ? "" : String(randomInt(10 ** Math.min(attempt, 9)));
    const name = `${pick(ADJECTIVES)}_${pick(NOUNS)}${number}`;
    if (!isTaken(name)) return name;
  }
}

/** The name without its slash. Throws invalidParameter in Docker's words. */
export function checkName(text: string): string {
  const name = text.replace(/^\//, "");
  if (!NAME.test(name)) {
    throw invalidParameter(`Invalid container name (${text}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
  }
  return name;
}
