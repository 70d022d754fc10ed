// Tokenises files with the TextMate grammar, by the engine that editors use. Prints a JSON line per token.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.argv[2] + "/");
const { Registry, parseRawGrammar, INITIAL } = require("vscode-textmate");
const oniguruma = require("vscode-oniguruma");
await oniguruma.loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
const registry = new Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async () => parseRawGrammar(readFileSync(process.argv[3], "utf8"), "hoop.json"),
});
const grammar = await registry.loadGrammar("source.hoop");
for (const file of JSON.parse(readFileSync(0, "utf8"))) {
  let stack = INITIAL;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
    for (const { startIndex, endIndex, scopes } of tokens)
      console.log(JSON.stringify([line.slice(startIndex, endIndex), scopes.at(-1)]));
    stack = ruleStack;
  }
}
