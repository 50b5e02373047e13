import type { IncomingHttpHeaders } from "node:http";
import { type Finding, fail, type Group, ok, warn } from "./finding.ts";

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

const PATIENCE = 10_000;

function get(url: string): Promise<Reply> {
  const { request } = url.startsWith("https:")
    ? process.getBuiltinModule("node:https")
    : process.getBuiltinModule("node:http");
  return new Promise((resolve, reject) => {
    const asked = request(url, { timeout: PATIENCE, headers: { "User-Agent": "wharf" } }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers });
    });
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${PATIENCE / 1000} seconds`)));
    asked.on("error", reject);
    asked.end();
  });
}

const LOCAL = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** `host` as in image names, or an address with its scheme. A registry on this machine may speak plain HTTP. */
async function ask(host: string): Promise<Reply> {
  const whole = /^https?:\/\//.test(host) ? host.replace(/\/+$/, "") : undefined;
  if (whole) return get(`${whole}/v2/`);
  try {
    return await get(`https://${host}/v2/`);
  } catch (error) {
    if (!LOCAL.test(host)) throw error;
    return get(`http://${host}/v2/`);
  }
}

/** What the failure of a connection means: codes of getaddrinfo(3), connect(2) and OpenSSL. Pure. */
export function explainFailure(
  code: string,
  message: string,
): { readonly text: string; readonly mend: string } {
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return {
      text: "its name is not known to the name servers of this machine",
      mend: "cat /etc/resolv.conf",
    };
  if (code === "ECONNREFUSED")
    return { text: "nobody listens there", mend: "check the port behind the name" };
  if (/CERT|ISSUER|SIGNATURE|ALTNAME/.test(code))
    return {
      text: `its certificate is not trusted (${message})`,
      mend: "put its certificate authority at /etc/docker/certs.d/HOST/ca.crt, and check the clock",
    };
  if (code === "EPROTO" || /wrong version number/i.test(message))
    return {
      text: "it speaks plain HTTP",
      mend: '"insecure-registries": ["HOST"] in /etc/wharf/daemon.json',
    };
  return { text: message, mend: "check routes, firewall and proxies (HTTPS_PROXY)" };
}

const SKEW = 60;

/** The registry's own clock against ours. Pure. */
export function judgeSkew(host: string, date: string | undefined, now: number): readonly Finding[] {
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) return [];
  const seconds = Math.round((now - theirs) / 1000);
  if (Math.abs(seconds) <= SKEW) return [ok(`clock of ${host}`, "agrees with this one")];
  return [
    warn(
      `clock of ${host}`,
      `this machine's clock is ${Math.abs(seconds)} seconds ${seconds > 0 ? "ahead" : "behind"}`,
      {
        breaks: "tokens of registries, which are valid for minutes, and certificates",
        mend: "timedatectl set-ntp true",
      },
    ),
  ];
}

async function registry(host: string): Promise<readonly Finding[]> {
  const breaks = `pull and push of ${host}`;
  try {
    const { status, headers } = await ask(host);
    const skew = judgeSkew(host, headers.date, Date.now());
    if (status === 200) return [ok(host, "answers, and needs no account"), ...skew];
    if (status === 401) return [ok(host, "answers, and asks for an account (wharf login)"), ...skew];
    return [
      warn(host, `answers with ${status}, which a registry does not`, {
        breaks,
        mend: "check the name; a proxy may answer in its place",
      }),
      ...skew,
    ];
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const { text, mend } = explainFailure(code, message || code);
    return [fail(host, text, { breaks, mend: mend.replace("HOST", host) })];
  }
}

/** Only those that were named, or that are configured: nobody else is contacted. */
export const registries: Group = {
  name: "Registries",
  run: async ({ registries: hosts }) => (await Promise.all(hosts.map(registry))).flat(),
};
