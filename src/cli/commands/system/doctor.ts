import { command, noArguments } from "../../command/command.ts";
import { formatEndpoint } from "../../connection/endpoint.ts";
import { countOf, drawSections } from "../../doctor/draw.ts";
import { examine } from "../../doctor/examine.ts";
import { thisMachine } from "../../doctor/machine.ts";
import { questionOf } from "../../doctor/question.ts";
import { list, offer } from "../../flags/flag.ts";
import { formatFlag } from "../../format/help.ts";
import { showOne } from "../../format/one.ts";

export default command({
  flags: {
    format: formatFlag("f"),
    registry: offer("word", list("", "Ask this registry whether it can be reached")),
  },
  arguments: noArguments,
  about:
    "Check what this machine has for containers: kernel, control groups, network, programs, storage, sockets, clock. Needs no engine and no root; ends with 1 when something is wrong",
  async run(context, { values: { format, registry } }) {
    const { env, out, err, endpoint } = context;
    const chosen = endpoint();
    if (chosen.kind !== "unix")
      err.write(
        `${formatEndpoint(chosen)} may be another machine; the checks are of this one. Run wharf doctor there, too.\n`,
      );
    const machine = thisMachine(env);
    const sections = await examine(await questionOf(context, machine, registry));
    const failures = countOf(sections, "fail");
    if (format) {
      const Checks = sections.flatMap(({ name, findings }) =>
        findings.map((finding) => ({
          Group: name,
          Name: finding.name,
          State: finding.state,
          Text: finding.text,
          Breaks: finding.breaks ?? "",
          Mend: finding.mend ?? "",
        })),
      );
      await showOne(
        out,
        { Failures: failures, Warnings: countOf(sections, "warn"), Root: machine.root, Checks },
        format,
        "doctor",
      );
    } else out.write(drawSections(out, sections, machine.root));
    return failures > 0 ? 1 : 0;
  },
});
