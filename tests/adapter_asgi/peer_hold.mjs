// One call that waits for a person, with an official TypeScript client: node peer_hold.mjs LINE URL
// LINE is "sdk" (1.x) or "client" (2.x). Prints the result as JSON. The legacy line gives up after 60 seconds without
// progress, so it asks for progress and lets that count, as its documentation says to for long calls.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [line, target] = process.argv.slice(2);
const require = createRequire(process.cwd() + "/");
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const from = line === "client" ? ["@modelcontextprotocol/client"] : ["index", "streamableHttp"].map((name) => `@modelcontextprotocol/sdk/client/${name}.js`);
const { Client, StreamableHTTPClientTransport } = Object.assign({}, ...(await Promise.all(from.map(load))));
const headers = { Authorization: `Bearer ${line}` };
const client = new Client({ name: "peer", version: "1.0.0" }, { capabilities: {}, ...(line === "client" ? { versionNegotiation: { mode: "auto" } } : {}) });
await client.connect(new StreamableHTTPClientTransport(new URL(target), { requestInit: { headers } }));
const call = { name: "echo", arguments: { text: `held for ${line}` } };
const steps = [];
const options = { onprogress: (step) => steps.push(step), resetTimeoutOnProgress: true };
const result = line === "client" ? await client.callTool(call) : await client.callTool(call, undefined, options);
process.stdout.write(JSON.stringify({ result, steps: steps.length }));
await client.close();
process.exit(0);
