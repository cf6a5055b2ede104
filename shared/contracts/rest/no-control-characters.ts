/** Spelt out rather than `\p{Cc}`: the document's readers know regular expressions of many kinds. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
export const NO_CONTROL_CHARACTERS = /^[^\u0000-\u001f\u007f-\u009f]*$/;
