// Unsafe code. Invariant: the elements of a chunk are read before they are deinitialized, and a text's bytes during the
// lifetime of the text.

import MartletCore

extension RDD {
  /// Writes each element as a line: texts unchanged, everything else as `print` shows it.
  ///
  /// `path` becomes a folder with a file `part-00000`, `part-00001` … for each partition and an empty file `_SUCCESS`.
  ///
  /// Guarantee: the folder appears complete and on disk, or not at all. If the job fails, or the disk is full, nothing
  /// is left at `path`. The folder is written next to `path`, under a hidden name that begins with `.` and the folder's
  /// own name. A process that is killed meanwhile leaves this hidden folder, which you may remove. When a streaming
  /// context with a checkpoint runs a batch again, the folder replaces an existing one at `path`: include the batch
  /// time in its name.
  /// - Parameter path: the path of a local folder, or a URI that begins with `file:`.
  /// - Throws: `MartletError(.invalidState)`, before any work, if `path` exists.
  public func saveAsTextFile(_ path: String, file: StaticString = #fileID, line: UInt = #line) throws {
    let site = OperatorSite("saveAsTextFile", file, line)
    try save(.lines, in: OutputFolder(path, site), site)
  }
}

/// The approximate number of bytes of lines that are collected before they are written.
private let lineBufferSize = 256 << 10

/// Appends each element as a line, and passes the buffer to `write` whenever it is full.
func appendLines<Element>(
  _ chunk: Chunk<Element>, to lines: ByteBuffer, write: (UnsafeRawBufferPointer) throws -> Void
) throws {
  for i in 0..<chunk.count {
    if Element.self == Text.self {
      let text = UnsafeRawPointer(chunk.base + i).assumingMemoryBound(to: Text.self)
      // An inline text begins with its bytes.
      let start = text.pointee.isInline ? UnsafeRawPointer(text) : UnsafeRawPointer(text.pointee.longBase)
      lines.append(start, count: text.pointee.utf8Count)
    } else {
      var line = String(describing: chunk.base[i])
      line.withUTF8 { utf8 in if let start = utf8.baseAddress { lines.append(start, count: utf8.count) } }
    }
    lines.append(UInt8(ascii: "\n"))
    if lines.count >= lineBufferSize {
      try write(lines.bytes)
      lines.removeAll()
    }
  }
}
