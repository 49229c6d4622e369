// Unsafe code. Invariant: as in `ElementCodec`.

/// One byte for each element, 1 if there is a value; then the values.
func optionalCodec<Wrapped>(_ codec: ElementCodec<Wrapped>) -> ElementCodec<Wrapped?> {
  let write: ElementCodec<Wrapped?>.Write = { base, stride, count, out in
    var values: [Wrapped] = []
    for i in 0..<count {
      let value = (base + i &* stride).assumingMemoryBound(to: Wrapped?.self).pointee
      out.append(value == nil ? 0 : 1)
      if let value { values.append(value) }
    }
    try encodeArray(values, codec, into: out)
  }
  let read: ElementCodec<Wrapped?>.Read = { target, stride, count, bytes in
    let marks = try bytes.take(count)
    guard marks.allSatisfy({ $0 <= 1 }) else { throw ByteReader.Malformed(reason: "a mark in it is neither 0 nor 1") }
    let present = marks.reduce(0) { $0 + Int($1) }
    var values = try readArray(codec, count: present, &bytes).makeIterator()
    try initializeEach(target, stride, count, of: Wrapped?.self) { i in marks[i] == 1 ? values.next() : nil }
  }
  var measure: ElementCodec<Wrapped?>.Measure?
  if let inner = codec.measure {
    measure = { element, footprint in
      guard let value = element.assumingMemoryBound(to: Wrapped?.self).pointee else { return }
      withUnsafePointer(to: value) { inner(UnsafeRawPointer($0), &footprint) }
    }
  }
  return ElementCodec(form: "optional(\(codec.form))", write: write, read: read, measure: measure)
}

/// The counts, then the elements of all arrays as one run.
func arrayCodec<Item>(_ codec: ElementCodec<Item>) -> ElementCodec<[Item]> {
  let write: ElementCodec<[Item]>.Write = { base, stride, count, out in
    var all: [Item] = []
    for i in 0..<count {
      let array = (base + i &* stride).assumingMemoryBound(to: [Item].self)
      out.append(variable: UInt64(array.pointee.count))
      all.append(contentsOf: array.pointee)
    }
    try encodeArray(all, codec, into: out)
  }
  let read: ElementCodec<[Item]>.Read = { target, stride, count, bytes in
    let counts = try readCounts(count, itemSize: MemoryLayout<Item>.size, &bytes)
    let all = try readArray(codec, count: counts.reduce(0, +), &bytes)
    var start = 0
    try initializeEach(target, stride, count, of: [Item].self) { i in
      defer { start += counts[i] }
      return Array(all[start..<start + counts[i]])
    }
  }
  let measure: ElementCodec<[Item]>.Measure = { element, footprint in
    let items = element.assumingMemoryBound(to: [Item].self).pointee
    guard !items.isEmpty else { return }
    footprint.bytes += 32 + items.capacity * MemoryLayout<Item>.stride
    items.withUnsafeBufferPointer { items in
      if let start = items.baseAddress { footprint.bytes += codec.pointedBytes(start, items.count, samples: 4) }
    }
  }
  return ElementCodec(form: "array(\(codec.form))", write: write, read: read, measure: measure)
}

/// The numbers of items of `count` arrays. Their sum is at most the number of bytes left, unless items have no size.
func readCounts(_ count: Int, itemSize: Int, _ bytes: inout ByteReader) throws -> [Int] {
  let malformed = ByteReader.Malformed(reason: "a count in it is too large")
  guard count <= bytes.left else { throw malformed }
  var counts: [Int] = []
  var total = 0
  for _ in 0..<count {
    let next = try bytes.variable()
    guard next <= UInt64(UInt32.max) else { throw malformed }
    total += Int(next)
    guard itemSize == 0 && total <= Int(UInt32.max) || total <= bytes.left else { throw malformed }
    counts.append(Int(next))
  }
  return counts
}

private func encodeArray<Value>(_ values: [Value], _ codec: ElementCodec<Value>, into out: ByteBuffer) throws {
  // An empty run has no bytes at all: `readArray` does not expect any.
  guard !values.isEmpty else { return }
  try values.withUnsafeBufferPointer { values in
    if let start = values.baseAddress { try codec.encode(start, values.count, into: out) }
  }
}

/// `count` values as an array.
private func readArray<Value>(_ codec: ElementCodec<Value>, count: Int, _ bytes: inout ByteReader) throws -> [Value] {
  // Every codec needs at least one byte for a value that has a size, so a count beyond the bytes left is corrupt.
  guard count <= bytes.left || MemoryLayout<Value>.size == 0 else {
    throw ByteReader.Malformed(reason: "a count in it is too large")
  }
  // All empty arrays share one storage. Its count would be set, to 0, but by many threads.
  if count == 0 { return [] }
  return try Array(unsafeUninitializedCapacity: count) { target, initialized in
    if let start = target.baseAddress {
      try codec.read(start, MemoryLayout<Value>.stride, count, &bytes)
    }
    initialized = count
  }
}
