// Khronos' own validator over one GLB file: its report as JSON on stdout.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [, , modules, file] = process.argv;
const validator = createRequire(`${modules}/package.json`)('gltf-validator');
const report = await validator.validateBytes(new Uint8Array(readFileSync(file)));
console.log(JSON.stringify(report));
