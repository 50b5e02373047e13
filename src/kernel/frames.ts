/** Ethernet frames of one's own making (packet(7)). */
export interface Frames {
  /**
   * Sends frames, link-layer header and all, by an interface of a network namespace (path of its file). Throws KernelError
   * (ENOENT: no such namespace; ENXIO: no such interface; ENETDOWN: it is down).
   */
  send(netns: string, interfaceIndex: number, frames: readonly Uint8Array[]): void;
}
