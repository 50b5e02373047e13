import { setTimeout as sleep } from "node:timers/promises";
import { type Finding, fail, type Group, ok, warn } from "./finding.ts";
import { type Machine, textOf } from "./machine.ts";

/** Nobody had this program before. */
const EARLIEST = Date.parse("2026-01-01T00:00:00Z");
const LATEST = Date.parse("2100-01-01T00:00:00Z");
const MEND = "timedatectl set-ntp true (or chronyd, ntpd), once: date -s";

/** The wall clock by itself. Pure. */
export function judgeTime(now: number): Finding {
  const text = new Date(now).toISOString();
  if (now >= EARLIEST && now < LATEST) return ok("time", text);
  return fail("time", `${text} cannot be`, {
    breaks: "TLS: every registry's certificate looks not yet valid or expired; and all dates",
    mend: MEND,
  });
}

const WATCHED = 100;
const JUMP = 50;

/** Whether the wall clock goes as the monotonic one does. `wall` and `steady`: ms that passed by each. Pure. */
export function judgePace(wall: number, steady: number): Finding {
  const drift = Math.abs(wall - steady);
  if (drift < JUMP) return ok("pace", "wall clock and monotonic clock agree");
  return warn("pace", `the wall clock jumped by ${Math.round(drift)} ms within ${Math.round(steady)} ms`, {
    breaks: "health checks, restarts and times in logs, while something sets the clock again and again",
    mend: "look which programs set the clock: two time services, or a guest's tools beside one",
  });
}

const GOOD_SOURCES = /^(tsc|kvm-clock|arch_sys_counter|hyperv_clocksource.*|xen)$/;

function source(machine: Machine): readonly Finding[] {
  const name = textOf(machine, "/sys/devices/system/clocksource/clocksource0/current_clocksource");
  if (name === undefined) return [];
  if (GOOD_SOURCES.test(name)) return [ok("source", name)];
  return [
    warn("source", `${name}, which is slow to read`, {
      breaks: "nothing, but whatever asks for the time often is slower, in containers too",
      mend: "cat /sys/devices/system/clocksource/clocksource0/available_clocksource",
    }),
  ];
}

export const clock: Group = {
  name: "Clock",
  async run({ machine }) {
    const [wall, steady] = [Date.now(), performance.now()];
    await sleep(WATCHED);
    return [
      judgeTime(Date.now()),
      judgePace(Date.now() - wall, performance.now() - steady),
      ...source(machine),
    ];
  },
};
