import { stopping } from "./stopping.ts";

export default stopping("ContainerStop", "runningContainer");
