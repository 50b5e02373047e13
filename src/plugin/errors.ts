import { EngineError } from "../base/errors.ts";

/** A plugin said no. The message is Docker's: the plugin's own words, with the method in front when HTTP carried them. */
export class PluginError extends EngineError {
  readonly plugin: string;
  readonly method: string;
  /** HTTP status; 200 when the answer's `Err` field said it. */
  readonly status: number;
  /** The plugin's own words. */
  readonly text: string;

  constructor(refusal: {
    readonly plugin: string;
    readonly method: string;
    readonly status: number;
    readonly text: string;
  }) {
    super("system", refusal.status === 200 ? refusal.text : `${refusal.method}: ${refusal.text}`);
    this.name = "PluginError";
    this.plugin = refusal.plugin;
    this.method = refusal.method;
    this.status = refusal.status;
    this.text = refusal.text;
  }
}
