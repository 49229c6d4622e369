// Unsafe code. Invariant: as in `ElementCodec`. Each field is at its offset within every element.

/// The codec of one field of an element.
struct FieldCodec: Sendable {
  let offset: Int
  let form: String
  let write: ElementCodec<Never>.Write
  let read: ElementCodec<Never>.Read
  let end: @Sendable (UnsafeMutableRawPointer, _ stride: Int, _ count: Int) -> Void
  let measure: ElementCodec<Never>.Measure?

  init<Field>(_ codec: ElementCodec<Field>, offset: Int) {
    self.offset = offset
    form = codec.form
    write = codec.write
    read = codec.read
    end = { deinitializeEach($0, $1, $2, of: Field.self) }
    measure = codec.measure
  }
}

extension ElementCodec {
  /// A codec for elements of two fields, laid out like a tuple or structure: the second field follows the first, at the
  /// next address that its alignment allows.
  static func twoFields<First, Second>(
    _ first: ElementCodec<First>, _ second: ElementCodec<Second>, name: String
  ) -> ElementCodec {
    let mask = MemoryLayout<Second>.alignment - 1
    let offset = (MemoryLayout<First>.size + mask) & ~mask
    return fields([FieldCodec(first, offset: 0), FieldCodec(second, offset: offset)], name: name)
  }

  /// A codec for elements that consist only of these fields, written one field after the other.
  static func fields(_ fields: [FieldCodec], name: String) -> ElementCodec {
    let write: Write = { base, stride, count, out in
      for field in fields { try field.write(base + field.offset, stride, count, out) }
    }
    let read: Read = { target, stride, count, bytes in
      var made = 0
      do {
        while made < fields.count {
          try fields[made].read(target + fields[made].offset, stride, count, &bytes)
          made += 1
        }
      } catch {
        for field in fields[..<made] { field.end(target + field.offset, stride, count) }
        throw error
      }
    }
    let measured = fields.filter { $0.measure != nil }
    let measure: Measure = { element, footprint in
      for field in measured { field.measure?(element + field.offset, &footprint) }
    }
    return ElementCodec(
      form: "\(name)(\(fields.map(\.form).joined(separator: ", ")))", write: write, read: read,
      measure: measured.isEmpty ? nil : measure)
  }
}
