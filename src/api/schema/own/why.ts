/** Answer of `GET /wharf/v1/containers/{id}/why`. Sentences are for people; `Cause` is for programs. */
export interface WhyAnswer {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  /** As in State.Status. */
  readonly Status: string;
  /** One word: "outOfMemory", "commandNotFound", "stopped"; docs/cli.md lists them. */
  readonly Cause: string;
  /** Nothing is to be done. */
  readonly Well: boolean;
  readonly Summary: string;
  readonly Evidence: readonly { readonly Name: string; readonly Text: string }[];
  /** The last lines it has written, without control characters. */
  readonly Log: readonly string[];
  /** What to do; `Command` is empty where it is not one command. */
  readonly Advice: readonly { readonly Text: string; readonly Command: string }[];
}
