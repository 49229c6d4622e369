package import MartletCore

/// The first frame of a segment.
package struct SegmentOpening {
  /// The kind of log, such as `checkpoint`, which determines the meaning of the other kinds of frames.
  package var vocabulary: String
  /// The segments to read before this one, in order. The unwritten rest of an incomplete segment is repeated in this
  /// one.
  package var before: [SegmentPart]
  /// The content that the vocabulary adds. It points into the segment's bytes.
  package var content: UnsafeRawBufferPointer

  /// Appends an opening whose content `body` writes.
  package static func write(
    to out: ByteBuffer, _ vocabulary: String, before: [SegmentPart], _ body: (ByteBuffer) throws -> Void
  ) rethrows {
    out.append(vocabulary)
    out.append(before) { out, part in
      for number in [part.name.epoch, part.name.number, part.length] { out.append(variable: UInt64(number)) }
    }
    try body(out)
  }

  package init(_ payload: UnsafeRawBufferPointer) throws {
    var reader = ByteReader(payload)
    vocabulary = try reader.string()
    before = try reader.list { reader in
      let name = SegmentName(epoch: try reader.integer(), number: try reader.integer())
      return SegmentPart(name: name, length: try reader.integer())
    }
    content = try reader.take(reader.left)
  }

  /// Throws unless the segment belongs to a log of this kind.
  package func expect(_ vocabulary: String) throws {
    guard self.vocabulary == vocabulary else {
      throw ByteReader.Malformed(reason: "it belongs to the log of a \(self.vocabulary), not of a \(vocabulary)")
    }
  }
}
