// Unsafe code. Invariant: as in `ElementCodec`.

extension ElementCodec where Element: Codable {
  /// A codec that uses the type's own `Codable` conformance, even if the type has a faster codec: fields can be added
  /// and types renamed, as far as its `init(from:)` allows.
  package static func makeCodable() -> ElementCodec { binaryCodec(for: Element.self) }
}

/// The codec of a `Codable` type: the keys of the run, then each value.
///
/// Fields are identified by name, so an older program can read the data of a newer one as far as the type's own
/// `init(from:)` allows.
func binaryCodec<Value: Codable>(for type: Value.Type) -> ElementCodec<Value> {
  // Stored as its superclass: a conformance to `Codable` could be isolated to an actor, so closures that any thread may
  // call must not capture one. Conformances of elements, which any thread may use, are not isolated.
  let coder: RunCoder = BinaryCoder<Value>()
  return ElementCodec(
    form: "codable \(typeName(type))", write: { try coder.write($0, $1, $2, $3) },
    read: { try coder.read($0, $1, $2, &$3) }, measure: { coder.measure($0, &$1) })
}

/// The closures of a codec, independent of the type.
private class RunCoder: @unchecked Sendable {
  // Sendable: it has no mutable state.
  func write(_ base: UnsafeRawPointer, _ stride: Int, _ count: Int, _ out: ByteBuffer) throws {}
  func read(_ target: UnsafeMutableRawPointer, _ stride: Int, _ count: Int, _ bytes: inout ByteReader) throws {}
  func measure(_ element: UnsafeRawPointer, _ footprint: inout Footprint) {}
}

private final class BinaryCoder<Value: Codable>: RunCoder, @unchecked Sendable {
  let name = typeName(Value.self)

  override func write(_ base: UnsafeRawPointer, _ stride: Int, _ count: Int, _ out: ByteBuffer) throws {
    let keys = BinaryKeys()
    let body = ByteBuffer()
    for i in 0..<count {
      let value = (base + i &* stride).assumingMemoryBound(to: Value.self)
      do { try BinaryEncoder.node(of: value.pointee, keys, path: []).write(to: body) } catch {
        throw MartletError(
          .invalidArgument, "A value of \(name) cannot be written to disk: its encode(to:) failed: \(error)",
          underlying: error)
      }
    }
    out.append(variable: UInt64(keys.names.count))
    for name in keys.names { out.append(name) }
    out.append(body.base, count: body.count)
  }

  override func read(
    _ target: UnsafeMutableRawPointer, _ stride: Int, _ count: Int, _ bytes: inout ByteReader
  ) throws {
    var names: [String] = []
    for _ in 0..<(try bytes.count()) { names.append(try bytes.string()) }
    let keys = BinaryKeys(names: names)
    try initializeEach(target, stride, count, of: Value.self) { _ in
      let node = try BinaryNode(from: &bytes, keyCount: names.count)
      do { return try BinaryDecoder(node, keys, path: []).value(Value.self) } catch {
        throw ByteReader.Malformed(reason: "it contains a value that is not a valid \(name): \(error)")
      }
    }
  }

  /// The contents that a value points to are unknown; its encoded size is an estimate.
  override func measure(_ element: UnsafeRawPointer, _ footprint: inout Footprint) {
    let body = ByteBuffer()
    let value = element.assumingMemoryBound(to: Value.self)
    // A value that cannot be encoded throws when it is written.
    try? BinaryEncoder.node(of: value.pointee, BinaryKeys(), path: []).write(to: body)
    footprint.bytes += body.count
  }
}
