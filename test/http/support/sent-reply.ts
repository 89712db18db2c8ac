/** A reply as an HTTP/1.1 client would get it, but for what a connection adds. */
import { readSync } from "node:fs";
import { ContentKind } from "../../../src/http/content.ts";
import type { Reply } from "../../../src/http/reply.ts";

/** Status-line, field lines, empty line. */
export function headText({ head: { h1 }, lines }: Reply): string {
  const shared = h1.octets.toString("latin1", 0, h1.fieldsEnd);
  return `${shared}${lines?.h1.toString("latin1") ?? ""}${h1.octets.toString("latin1", h1.fieldsEnd, h1.end)}`;
}

export function contentOf({ content }: Reply): Buffer {
  switch (content.kind) {
    case ContentKind.None:
      return Buffer.alloc(0);
    case ContentKind.Octets:
      return Buffer.from(content.octets.subarray(content.start, content.end));
    case ContentKind.File:
      return piece(content.file.fd, content.offset, content.octetCount);
    case ContentKind.Parts: {
      const pieces = Array.from({ length: content.parts.length }, (_, index) => {
        const { lead, offset, octets } = content.parts.at(index)!;
        const { memory, file } = content;
        return [lead, memory?.subarray(offset, offset + octets) ?? piece(file!.fd, offset, octets)];
      });
      return Buffer.concat([...pieces.flat(), content.closing]);
    }
    case ContentKind.Source:
      throw new Error("a source gives its content once");
  }
}

function piece(fd: number, offset: number, octets: number): Buffer {
  const read = Buffer.alloc(octets);
  return read.subarray(0, readSync(fd, read, 0, octets, offset));
}
