// Unsafe code. Invariant: as in `ElementCodec`. A text is only created from bytes that have been validated as UTF-8.

extension ElementCodec {
  /// A codec for the raw bytes of elements without references. The form describes their meaning.
  static func plain() -> ElementCodec {
    let size = MemoryLayout<Element>.size
    let description = PlainDescription(of: Element.self).text
    return ElementCodec(
      form: "raw \(typeName(Element.self))\(description) \(size)/\(MemoryLayout<Element>.alignment)",
      write: { base, stride, count, out in
        let target = out.extend(by: size * count)
        if size == stride {
          target.copyMemory(from: base, byteCount: size * count)
        } else {
          for i in 0..<count { (target + i &* size).copyMemory(from: base + i &* stride, byteCount: size) }
        }
      },
      read: { target, stride, count, bytes in
        let (total, overflow) = size.multipliedReportingOverflow(by: count)
        let source = try bytes.take(overflow ? -1 : total)
        guard let start = source.baseAddress, total > 0 else { return }
        if size == stride {
          target.copyMemory(from: start, byteCount: total)
        } else {
          for i in 0..<count { (target + i &* stride).copyMemory(from: start + i &* size, byteCount: size) }
        }
      }, measure: nil)
  }
}

/// Lengths, then all bytes. The texts of a run share one block.
func textCodec() -> ElementCodec<Text> {
  ElementCodec(
    form: "text",
    write: { base, stride, count, out in
      func text(_ i: Int) -> UnsafePointer<Text> { (base + i &* stride).assumingMemoryBound(to: Text.self) }
      for i in 0..<count { out.append(variable: UInt64(text(i).pointee.utf8Count)) }
      for i in 0..<count {
        let text = text(i)
        let length = text.pointee.utf8Count
        // Inline texts begin with their bytes.
        out.append(
          text.pointee.isInline ? UnsafeRawPointer(text) : UnsafeRawPointer(text.pointee.longBase), count: length)
      }
    },
    read: { target, stride, count, bytes in
      let (lengths, total) = try readLengths(count, &bytes)
      let source = try bytes.take(total)
      let buffer = TextBuffer(capacity: total)
      if let start = source.baseAddress {
        buffer.base.initialize(from: start.assumingMemoryBound(to: UInt8.self), count: total)
      }
      var offset = 0
      for length in lengths {
        guard validatedUTF8(buffer.base + offset, count: length) else {
          throw ByteReader.Malformed(reason: "a text in it is not UTF-8")
        }
        offset += length
      }
      offset = 0
      for (i, length) in lengths.enumerated() {
        (target + i &* stride).assumingMemoryBound(to: Text.self)
          .initialize(to: Text(buffer.base + offset, count: length, in: buffer))
        offset += length
      }
    },
    measure: { element, footprint in
      let text = element.assumingMemoryBound(to: Text.self)
      if let owner = text.pointee.owner { footprint.add(textBytes: text.pointee.longCount, in: owner) }
    })
}

/// Lengths, then all bytes.
func stringCodec() -> ElementCodec<String> {
  ElementCodec(
    form: "string",
    write: { base, stride, count, out in
      func string(_ i: Int) -> String { (base + i &* stride).assumingMemoryBound(to: String.self).pointee }
      for i in 0..<count { out.append(variable: UInt64(string(i).utf8.count)) }
      for i in 0..<count {
        var string = string(i)
        string.withUTF8 { utf8 in if let start = utf8.baseAddress { out.append(start, count: utf8.count) } }
      }
    },
    read: { target, stride, count, bytes in
      let (lengths, _) = try readLengths(count, &bytes)
      try initializeEach(target, stride, count, of: String.self) { i in
        guard let string = String(validating: try bytes.take(lengths[i]), as: UTF8.self) else {
          throw ByteReader.Malformed(reason: "a string in it is not UTF-8")
        }
        return string
      }
    },
    measure: { element, footprint in
      let count = element.assumingMemoryBound(to: String.self).pointee.utf8.count
      // Strings of at most 15 bytes are stored in the value.
      if count > 15 { footprint.bytes += count + 32 }
    })
}

/// `count` lengths, and their sum, which is at most the number of bytes left.
func readLengths(_ count: Int, _ bytes: inout ByteReader) throws -> ([Int], total: Int) {
  guard count <= bytes.left else { throw ByteReader.Malformed(reason: "a count in it is too large") }
  var lengths: [Int] = []
  lengths.reserveCapacity(count)
  var total = 0
  for _ in 0..<count {
    let length = try bytes.count()
    lengths.append(length)
    total += length
  }
  return (lengths, total)
}

/// Initializes `count` values, `stride` bytes apart; if `make` throws, deinitializes those made so far.
func initializeEach<Value>(
  _ target: UnsafeMutableRawPointer, _ stride: Int, _ count: Int, of type: Value.Type, _ make: (Int) throws -> Value
) throws {
  var made = 0
  do {
    while made < count {
      let value = try make(made)
      (target + made &* stride).assumingMemoryBound(to: type).initialize(to: value)
      made += 1
    }
  } catch {
    deinitializeEach(target, stride, made, of: type)
    throw error
  }
}

/// Deinitializes `count` values, `stride` bytes apart.
func deinitializeEach<Value>(_ target: UnsafeMutableRawPointer, _ stride: Int, _ count: Int, of type: Value.Type) {
  guard !_isPOD(type) else { return }
  for i in 0..<count { (target + i &* stride).assumingMemoryBound(to: type).deinitialize(count: 1) }
}
