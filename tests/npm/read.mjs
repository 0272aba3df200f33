// Reads a message with postal-mime and prints what a mail program would see of it as one JSON document.
import { readFile } from "node:fs/promises";
import PostalMime from "postal-mime";

const read = await PostalMime.parse(await readFile(process.argv[2]));
const headers = Object.fromEntries(read.headers.map(({ key, value }) => [key, value]));
const { subject, from, text, html } = read;
process.stdout.write(JSON.stringify({ headers, subject, from, text, html }));
