// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the Dockerfiles
import assert from "node:assert/strict";
import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findReference, type Reference, startReference } from "../../bench/reference.ts";
import { execute, output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

type Env = Readonly<Record<string, string>>;

/** All below /t: kinds, modes, targets and contents. */
const LISTED =
  'RUN cd /t && find . -exec stat -c "%n %A" {} + | sort && find . -type l -exec readlink {} \\; | sort && find . -type f -exec cat {} + | sort';

/** What each of these becomes here and with Docker's engine: configuration, history, and what its commands print. */
const DOCKERFILES: Readonly<Record<string, string>> = {
  env: 'FROM busybox\nENV A=1 B="two words" C=three\\ words\nENV OLD old form value\nENV D=$A-${B}-${Z:-def}-${A:+alt}\nRUN env | sort | grep -v HOSTNAME\n',
  quotes:
    'FROM busybox\nENV A=\'single $Q\' B="q\\"x" C=\\$notvar\nENV P=${PATH}:/x\nLABEL l=$A "k k"=v multi="a\\\nb"\n',
  copy: 'FROM busybox\nCOPY a dir/ /d/\nCOPY ["x y","/q/x y"]\nCOPY dir /e\nCOPY *.sh /bin/\nADD a /f/\nRUN find /d /q /e /f /bin/run.sh -exec stat -c "%n %a %u %g %F" {} + | sort\n',
  workdir:
    "FROM busybox\nWORKDIR /a\nWORKDIR b\nENV D=zz\nWORKDIR $D/c\nRUN pwd\nUSER 1000:2000\nRUN id\nCOPY a .\nWORKDIR owned\nRUN stat -c '%n %a %u:%g' . ../a\n",
  command:
    'FROM busybox\nSHELL ["/bin/sh","-ec"]\nCMD echo hi\nENTRYPOINT ["/bin/echo","x"]\nRUN echo shell\n',
  emptied: 'FROM busybox\nENTRYPOINT ["/bin/echo"]\nCMD []\n',
  emptiedCommand: "FROM busybox\nCMD []\n",
  emptiedEntrypoint: 'FROM busybox\nCMD ["a"]\nENTRYPOINT []\n',
  emptiedFirst: 'FROM busybox\nCMD []\nENTRYPOINT ["/bin/echo"]\n',
  blankCommand: "FROM busybox\nCMD\n",
  metadata:
    'FROM busybox\nHEALTHCHECK --interval=5m --timeout=3s --retries=2 --start-period=10s CMD ["true"]\nSTOPSIGNAL SIGINT\nEXPOSE 80 443/tcp 53/udp 8000-8002\nVOLUME /data /x\nVOLUME ["/y y"]\nONBUILD RUN echo later\nMAINTAINER me <a@b>\n',
  arguments:
    'ARG V=latest\nFROM busybox:$V\nARG V\nARG X=1\nARG Y=$X-2\nRUN echo "v=$V x=$X y=$Y"\nLABEL y=$Y\n',
  stages:
    "FROM busybox AS one\nRUN echo 1 >/1\nFROM one AS two\nRUN echo 2 >/2\nFROM busybox\nCOPY --from=one /1 /\nCOPY --from=two /1 /2 /t/\nCOPY --from=0 /1 /z\nRUN cat /1 /t/1 /t/2 /z\n",
  continued: "FROM busybox\nRUN echo a \\\n # comment\n && echo b \\\n && echo c\n",
  escape: "# escape=`\nFROM busybox\nRUN echo a `\n && echo b\\c\nENV X=a`$b\n",
  scratch: "FROM scratch\nCOPY a /\n",
  labels: "FROM busybox\nLABEL a=1\nLABEL b=2 c='3 3'\nLABEL a=changed\n",
  exec: 'FROM busybox\nRUN ["echo","$PATH","a b"]\nRUN ["sh","-c","echo $HOME"]\n',
  user: "FROM busybox\nRUN echo 'u:x:7:8::/home/u:/bin/sh' >>/etc/passwd; mkdir -p /home/u\nUSER u\nRUN echo $HOME; id -u\nWORKDIR /w\nRUN stat -c '%u %g %a' /w\n",
  sourceLinks: `FROM busybox
COPY l-file /t/x
COPY l-dir /t/y
COPY l-d* l-f* /t/w/
COPY l-dir/b l-up l-abs /t/v/
COPY dir /t/d/
${LISTED}
FROM busybox
COPY --from=0 /t/y /t/w/l* /u/
RUN find /u -exec stat -c "%n %A" {} + | sort
`,
  destinationLinks: `FROM busybox
RUN mkdir -p /t/real/sub && cd /t && ln -s real l && echo old >real/f && ln -s /t/real/f lf && ln -s /t/deep/er dd && ln -s no df && ln -s real/f b
COPY a /t/l/
COPY a /t/l/sub/x
COPY a /t/lf
COPY a /t/dd/
COPY a /t/df
COPY dir /t/l
COPY dir/b /t/
WORKDIR /t/l/w
COPY a .
${LISTED}
`,
  archiveLinks: `FROM busybox
RUN mkdir -p /t/real /t/other && cd /t && ln -s real l && ln -s other lib
ADD folders.tar /t/l/
ADD folders.tar /t/
RUN rm -r /t/lib && ln -s other /t/lib
ADD files.tar /t/
${LISTED}
`,
  unset: "FROM busybox\nENV H=~ E= \nRUN echo [$H] [$E]\nEXPOSE $UNSET 80\n",
};
const FILES: Readonly<Record<string, string>> = {
  a: "a\n",
  "dir/b": "b\n",
  "dir/c.md": "c\n",
  "dir/sub/d": "d\n",
  "x y": "space\n",
  "run.sh": "#!/bin/sh\necho run\n",
};

const LINKS: Readonly<Record<string, string>> = {
  "l-file": "a",
  "l-dir": "dir",
  "l-abs": "/dir",
  "l-up": "../../a",
  "dir/back": "../a",
};

const found = findReference();
const skip = withoutDocker || withoutRoot || ("missing" in found ? found.missing : false);
if (skip) console.log(`builds are not compared with Docker: ${skip}`);

/** Ids, checksums, sizes of the context, and what Docker's classic builder says of containers it needs and we do not. */
const masked = (text: string): string =>
  text
    .replace(/^ ?(?:--->)? ?(?:Running in|Removing|Removed) .*\n/gm, "")
    .replace(/^Sending build context.*\n/gm, "")
    .replace(/(?:file|dir|multi):[0-9a-f]{64}/g, "FILES")
    .replace(/sha256:[0-9a-f]{64}|\b[0-9a-f]{12}\b/g, "ID");

const meaningful = (config: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(config).filter(([name, value]) => {
      const isEmpty = value === null || value === "" || value === false;
      return !isEmpty && JSON.stringify(value) !== "{}" && name !== "Hostname" && name !== "Image";
    }),
  );

describe("docker build here and with Docker's engine", { skip }, () => {
  let engine: EngineUnderTest;
  let reference: Reference;
  let folder: string;

  before(async () => {
    if ("missing" in found) return;
    reference = await startReference(found.command);
    engine = await startEngine({ direct: true });
    await execute("docker", ["load", "-i", join(engine.folder, "busybox.tar")], {
      env: { ...reference.env },
    });
    folder = join(engine.folder, "compared");
    for (const [name, text] of Object.entries(FILES)) {
      await mkdir(join(folder, name, ".."), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await chmod(join(folder, "run.sh"), 0o755);
    for (const [name, target] of Object.entries(LINKS)) await symlink(target, join(folder, name));
    const archived = join(engine.folder, "archived");
    await mkdir(join(archived, "lib/q"), { recursive: true });
    for (const name of ["lib/x", "lib/q/y"]) await writeFile(join(archived, name), `${name}\n`);
    await symlink("lib", join(archived, "l2"));
    await output("tar", ["-C", archived, "-cf", join(folder, "folders.tar"), "lib", "l2"]);
    await output("tar", ["-C", archived, "-cf", join(folder, "files.tar"), "lib/x", "lib/q/y"]);
  });
  after(async () => {
    await rm(folder ?? "", { recursive: true, force: true });
    await engine?.[Symbol.asyncDispose]();
    await reference?.[Symbol.asyncDispose]();
  });

  async function made(env: Env, name: string, dockerfile: string) {
    const tag = `cz/${name.toLowerCase()}`;
    await writeFile(join(folder, "Dockerfile"), dockerfile);
    const told = await output("docker", ["build", "--no-cache", "-t", tag, folder], {
      env: { ...env, DOCKER_BUILDKIT: "0" },
    });
    const [image] = JSON.parse(await output("docker", ["image", "inspect", tag], { env })) as [
      {
        readonly Author: string;
        readonly Config: Readonly<Record<string, unknown>>;
        readonly RootFS: { readonly Layers?: readonly string[] };
      },
    ];
    const history = await output(
      "docker",
      ["history", "--no-trunc", "--format", "{{.CreatedBy}}|{{.Comment}}", tag],
      {
        env,
      },
    );
    await execute("docker", ["rmi", "-f", tag], { env });
    return {
      told: masked(told),
      author: image.Author,
      config: meaningful(image.Config),
      layers: image.RootFS.Layers?.length ?? 0,
      history: masked(history),
    };
  }

  for (const [name, dockerfile] of Object.entries(DOCKERFILES)) {
    it(name, async () => {
      const theirs = await made(reference.env, name, dockerfile);
      assert.deepEqual(await made(engine.clientEnv, name, dockerfile), theirs);
    });
  }
});
