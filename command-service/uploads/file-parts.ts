import type { Part, PluginFunction } from 'formidable';

/**
 * A plugin for formidable that tells files from text as clients mean it, not by the part's Content-Type alone: Python's
 * requests sends files without one, others send text with one. Text is UTF-8, whatever its transfer encoding was.
 * @param fields names that hold files, also without a filename
 */
export const tellFilesByName =
  (fields: readonly string[]): PluginFunction =>
  (form) => {
    form.onPart = async (part: Part & { transferEncoding?: string }) => {
      const isFile = Boolean(part.originalFilename) || fields.includes(part.name ?? '');
      if (!isFile) {
        part.mimetype = null;
        part.transferEncoding = 'utf-8';
      } else if (part.originalFilename) part.mimetype ??= 'application/octet-stream';
      try {
        await form._handlePart(part);
      } catch (error) {
        // Nobody else catches it: it would end the process.
        form.emit('error', error);
      }
    };
  };
