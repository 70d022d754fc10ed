// One scripted session with an official TypeScript client: node peer_session.mjs LINE TARGET CALLS
// LINE is "sdk" (1.x), "client" (2.x) or "client-auto" (2.x, the newest version first); TARGET a URL, or a JSON array that starts a stdio server; CALLS a JSON array of
// [tool, arguments]. Prints what the client saw, as JSON.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [line, target, calls] = process.argv.slice(2);
const require = createRequire(process.cwd() + "/");
const load = (name) => import(pathToFileURL(require.resolve(name)).href);

async function parts() {
  if (line !== "sdk") {
    const main = await load("@modelcontextprotocol/client");
    const stdio = await load("@modelcontextprotocol/client/stdio");
    return { ...main, ...stdio };
  }
  const found = {};
  for (const name of ["index", "streamableHttp", "stdio"])
    Object.assign(found, await load(`@modelcontextprotocol/sdk/client/${name}.js`));
  return found;
}

const { Client, StreamableHTTPClientTransport, StdioClientTransport } = await parts();
const command = target.startsWith("[") ? JSON.parse(target) : null;
const transport = command
  ? new StdioClientTransport({ command: command[0], args: command.slice(1), stderr: "ignore" })
  : new StreamableHTTPClientTransport(new URL(target), {
      requestInit: { headers: { Authorization: "Bearer alice" } },
    });
const versions = line === "client-auto" ? { versionNegotiation: { mode: "auto" } } : {};
const client = new Client({ name: "peer", version: "1.0.0" }, { capabilities: {}, ...versions });
await client.connect(transport);
const seen = [client.getServerVersion(), client.getInstructions(), (await client.listTools()).tools];
for (const [name, args] of JSON.parse(calls)) seen.push(await client.callTool({ name, arguments: args }));
if (client.getServerCapabilities().resources) seen.push((await client.listResources()).resources.length);
if (client.getServerCapabilities().prompts) seen.push((await client.listPrompts()).prompts);
process.stdout.write(JSON.stringify(seen));
await client.close();
process.exit(0);
