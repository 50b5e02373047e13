declare module "unbzip2-stream" {
  /** A stream of the old kind: bzip2 goes in, plain bytes come out. */
  export default function unbzip2Stream(): NodeJS.ReadWriteStream;
}
