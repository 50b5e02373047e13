import type { Container } from "../containers/container.ts";
import { alone, type Kit } from "../containers/kit.ts";
import { volumesOf } from "../containers/mounts.ts";
import { whilePaused } from "../containers/pause.ts";

/** Always in the same order, so that two of these never wait for each other. */
const usersOf = (kit: Kit, volume: string): readonly Container[] =>
  [...kit.table.all()]
    .filter((container) => volumesOf(container).includes(volume))
    .sort((a, b) => (a.id < b.id ? -1 : 1));

/** Runs the body while no container of the volume is started, stopped or removed. */
export function holdingUsers<T>(
  kit: Kit,
  volume: string,
  body: (users: readonly Container[]) => Promise<T>,
): Promise<T> {
  const users = usersOf(kit, volume);
  const hold = (left: readonly Container[]): Promise<T> => {
    const [first, ...rest] = left;
    return first ? alone(kit, first, () => hold(rest)) : body(users);
  };
  return hold(users);
}

/** Runs the body while the volume's running containers are paused, so that what it reads is of one moment. */
export function pausingUsers<T>(
  kit: Kit,
  volume: string,
  body: (users: readonly Container[]) => Promise<T>,
): Promise<T> {
  return holdingUsers(kit, volume, (users) => {
    const pause = ([first, ...rest]: readonly Container[]): Promise<T> =>
      first ? whilePaused(kit, first, () => pause(rest)) : body(users);
    return pause(users.filter(({ state }) => state.status === "running"));
  });
}
