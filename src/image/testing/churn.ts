import { silentLogger } from "../../base/log.ts";
import { linuxKernel } from "../../kernel/index.ts";
import { openDatabase } from "../../store/index.ts";
import { openImageStore } from "../store/open.ts";
import { gather, inChunks, tarOf } from "./rig.ts";

/** Works on the store in the folder given as argument until it is killed: everything that changes it, over and over. */
const root = process.argv[2] ?? "";
const database = openDatabase(`${root}/wharf.db`);
const { mounts, subvolumes, files, quotas } = linuxKernel();
const { images, layers } = await openImageStore({
  root,
  database,
  kernel: { mounts, subvolumes, files, quotas },
  log: silentLogger,
});
const nobody = { force: true, noPrune: false, usedBy: () => undefined };

for (let round = Number(process.argv[3] ?? 0); ; round++) {
  const files = Array.from({ length: 40 }, (_, i) => ({
    name: `f${i}`,
    content: `${round}-${i}`.repeat(500),
  }));
  const id = await images.import({ source: inChunks(tarOf(...files)), reference: `round:${round}` });
  const archive = await gather(images.save([id]));
  const name = `snapshot-${round}`;
  await layers.prepare(name, images.get(id)?.chainId);
  layers.mount(name);
  process.stdout.write("."); // tells the test that work is under way
  const { diffId } = await layers.commit(name);
  const { config } = images.resolve(id);
  const rootfs = { type: "layers", diff_ids: [...config.rootfs.diff_ids, diffId] } as const;
  await images.create({ config: { ...config, rootfs }, parent: id });
  await images.remove(`round:${round}`, { ...nobody, noPrune: true });
  await images.load(inChunks(archive), {});
  if (round % 2 === 0) await layers.remove(name);
}
