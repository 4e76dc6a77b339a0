/**
 * Speed. A constant of a module is a variable to V8: wherever it is used it is loaded, and what was loaded is checked to be a number.
 * esbuild writes the numbers in the places where they are used, across modules too, but only those that a module declares before
 * anything else, and its imports come first. So the numbers of a module become a module of their own, which imports nothing.
 */
import { parse } from 'acorn';

const UNARY = new Set(['-', '+', '~']);
const BINARY = new Set(['+', '-', '*', '/', '%', '**', '<<', '>>', '>>>', '&', '|', '^']);

/**
 * Whether an expression is made of numbers and of `known` ones alone.
 *
 * @param {import('acorn').Expression | import('acorn').PrivateIdentifier} node
 * @param {ReadonlySet<string>} known
 * @returns {boolean}
 */
function isNumber(node, known) {
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'number';
    case 'Identifier':
      return known.has(node.name);
    case 'UnaryExpression':
      return UNARY.has(node.operator) && isNumber(node.argument, known);
    case 'BinaryExpression':
      return BINARY.has(node.operator) && isNumber(node.left, known) && isNumber(node.right, known);
    default:
      return false;
  }
}

/**
 * The numbers that a module declares as constants, as a module that exports them, and the rest of it, which imports them under
 * the name `from`.
 *
 * @param {string} code JavaScript.
 * @param {string} from
 */
export function numbersApart(code, from) {
  /** @type {Set<string>} */
  const names = new Set();
  /** @type {string[]} */
  const exported = [];
  let numbers = '';
  let rest = '';
  let at = 0;
  for (const statement of parse(code, { ecmaVersion: 'latest', sourceType: 'module' }).body) {
    const isExported = statement.type === 'ExportNamedDeclaration';
    const declaration = isExported ? statement.declaration : statement;
    if (declaration?.type !== 'VariableDeclaration' || declaration.kind !== 'const') continue;
    const [declarator, ...others] = declaration.declarations;
    if (declarator?.id.type !== 'Identifier' || !declarator.init || others.length > 0) continue;
    if (!isNumber(declarator.init, names)) continue;
    names.add(declarator.id.name);
    if (isExported) exported.push(declarator.id.name);
    numbers += `export ${code.slice(declaration.start, declaration.end)}\n`;
    rest += code.slice(at, statement.start);
    at = statement.end;
  }
  if (names.size === 0) return { numbers, rest: code };
  const imports = `import { ${[...names].join(', ')} } from ${JSON.stringify(from)};\n`;
  const exports = exported.length === 0 ? '' : `export { ${exported.join(', ')} };\n`;
  return { numbers, rest: imports + exports + rest + code.slice(at) };
}
