import { stopping } from "./stopping.ts";

export default stopping("ContainerRestart", "container");
