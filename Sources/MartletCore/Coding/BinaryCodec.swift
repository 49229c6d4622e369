// Unsafe code. Invariant: as in `ElementCodec`.

extension ElementCodec where Element: Codable {
  /// The codec of what the type's own `Codable` says, whatever the type is: fields can be added and types renamed, as far
  /// as its `init(from:)` allows.
  package static func makeCodable() -> ElementCodec { binaryCodec(for: Element.self) }
}

/// The codec of a `Codable` type: the keys of the run, then each value.
///
/// Fields go by their names, so that what a newer program writes, an older one can read as far as the type's own
/// `init(from:)` allows.
func binaryCodec<Value: Codable>(for type: Value.Type) -> ElementCodec<Value> {
  // Held as what it inherits from: a conformance to `Codable` could be bound to an actor, so closures that any thread
  // may call must not hold one. Those of elements, which any thread may use, are not bound.
  let coder: RunCoder = BinaryCoder<Value>()
  return ElementCodec(
    form: "codable \(typeName(type))", write: { try coder.write($0, $1, $2, $3) },
    read: { try coder.read($0, $1, $2, &$3) }, measure: { coder.measure($0, &$1) })
}

/// What the closures of a codec do, for whatever type.
private class RunCoder: @unchecked Sendable {
  // Sendable: there is nothing in it that could change.
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
        throw ByteReader.Malformed(reason: "it holds something that is no \(name): \(error)")
      }
    }
  }

  /// Nothing is known of what a value points to; its encoded form is a fair guess.
  override func measure(_ element: UnsafeRawPointer, _ footprint: inout Footprint) {
    let body = ByteBuffer()
    let value = element.assumingMemoryBound(to: Value.self)
    // A value that cannot be encoded says so when it is written.
    try? BinaryEncoder.node(of: value.pointee, BinaryKeys(), path: []).write(to: body)
    footprint.bytes += body.count
  }
}
