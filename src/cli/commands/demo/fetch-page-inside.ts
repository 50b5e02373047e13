/** A process of its own, started in the network namespace of the demo's engine: prints the page at port ARGV[2] as JSON. */
import { fetchPage } from "./fetch-page.ts";

fetchPage(Number(process.argv[2])).then((page) => console.log(JSON.stringify(page)));
