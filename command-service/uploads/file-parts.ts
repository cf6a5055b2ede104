import type { Part, PluginFunction } from 'formidable';

/**
 * A plugin for formidable that tells files from text as clients mean it, not by the part's Content-Type alone: Python's
 * requests sends files without one, others send text with one. Text is UTF-8, whatever its transfer encoding was.
 * @param fields names that hold files: with one of them and a type, a part needs no filename
 */
export const tellFilesByName =
  (fields: readonly string[]): PluginFunction =>
  (form) => {
    form.onPart = async (part: Part & { transferEncoding?: string }) => {
      const isTyped = part.mimetype !== null && fields.includes(part.name ?? '');
      if (part.originalFilename || isTyped) part.mimetype ??= 'application/octet-stream';
      else {
        part.mimetype = null;
        part.transferEncoding = 'utf-8';
      }
      try {
        await form._handlePart(part);
      } catch (error) {
        // Nobody else catches it: it would end the process.
        form.emit('error', error);
      }
    };
  };
