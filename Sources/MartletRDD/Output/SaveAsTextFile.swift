// Unsafe code. Invariant: the elements of a chunk are read before they are discarded, and a text's bytes while the
// text is alive.

package import MartletCore

extension RDD {
  /// Writes each element as a line: texts as they are, everything else as `print` shows it.
  ///
  /// `path` becomes a folder with a file `part-00000`, `part-00001` … for each partition and an empty file `_SUCCESS`.
  ///
  /// Guarantee: the folder appears whole or not at all, and what has appeared is on the disk. If the job fails, or the
  /// disk is full, nothing is left at `path`. It is written next to `path`, under a hidden name that begins with `.`
  /// and the folder's own name. A process that is killed meanwhile leaves this hidden folder, which you may remove.
  /// While a streaming context with a checkpoint runs a batch again, the folder replaces what is at `path`: give it the
  /// time of the batch in its name.
  /// - Parameter path: of a folder on this machine, or a URI that begins with `file:`.
  /// - Throws: `MartletError(.invalidState)`, before any work, if there is something at `path`.
  public func saveAsTextFile(_ path: String, file: StaticString = #fileID, line: UInt = #line) throws {
    try saveAsTextFile(FolderPublication(path), OperatorSite("saveAsTextFile", file, line))
  }

  /// As `saveAsTextFile(_:)`, in whatever way the folder is to appear.
  package func saveAsTextFile(_ target: FolderPublication, _ site: OperatorSite) throws {
    try writeFolder(target, site) { reader, file in
      let lines = ByteBuffer()
      try reader.forEachChunk { chunk in
        defer { chunk.discard() }
        try appendLines(chunk, to: lines) { try file.write($0) }
      }
      try file.write(lines.bytes)
    }
  }
}

/// Lines are gathered up to about this many bytes before they are written.
private let lineBufferSize = 256 << 10

/// Appends each element as a line, and empties the buffer into `write` whenever it is full.
private func appendLines<Element>(
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
