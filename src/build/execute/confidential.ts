/** What a client hands over for RUN and never reaches an image; undefined where its API has no way to do so. */
export interface Confidential {
  /** By id. */
  readonly secrets?: ReadonlyMap<string, Uint8Array>;
  /** Sockets of agents on this machine, by id. */
  readonly sshAgents?: ReadonlyMap<string, string>;
}
