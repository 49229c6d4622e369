// Unsafe code. Invariant: `nodes` are those of a text whose bytes begin at `base`, and which is there while the record
// is current; an index of a node that a container or
// decoder has is less than `count` while its record is current. The memory of `contents` is never released, but used for
// other records (`JSONRecordReader`), so that a decoder that outlives its call finds that its record is not current.

import CMartlet

/// A text, and the values in it.
///
/// A trivial value, because Swift's containers are copied for each field: a reference would be counted each time.
package struct JSONRecord {
  struct Contents {
    /// The number of the record.
    var generation: UInt32 = 0
    var base: UnsafePointer<UInt8>
    /// The buffer that `base` points into; `nil` if it points to `inline`, or to bytes of the caller.
    var owner: Unmanaged<TextBuffer>?
    var nodes: UnsafeMutablePointer<JSONNode>
    var capacity = JSONRecord.usualCapacity
    var count = 0
    /// The number of calls of `init(from:)` that have not returned.
    var depth = 0
    var stack: StackSpace?
    var types = JSONTypes()
    var names = JSONConvertedNames()
    let inline: UnsafeMutablePointer<UInt8>
    let levels: UnsafeMutablePointer<JSONScanner.Level>
    var settings = JSONRecordDecoder()
  }

  let contents: UnsafeMutablePointer<Contents>
  private let generation: UInt32

  init(_ contents: UnsafeMutablePointer<Contents>) {
    self.contents = contents
    generation = contents.pointee.generation
  }

  static let usualCapacity = 256

  /// Throws an error if the memory is used for another record.
  @inline(__always)
  func check() throws {
    if !isCurrent { throw Self.gone }
  }

  @inline(__always) var isCurrent: Bool { contents.pointee.generation == generation }

  private static var gone: DecodingError {
    .dataCorrupted(
      .init(codingPath: [], debugDescription: "a decoder was used after the init(from:) that it was passed to"))
  }

  @inline(__always) package subscript(index: Int) -> JSONNode { contents.pointee.nodes[index] }

  @inline(__always) package func index(after value: Int) -> Int { jsonIndex(after: value, in: contents.pointee.nodes) }

  // MARK: Fields

  /// The index of the value of a field; `nil` if the object has none of this name.
  ///
  /// Fields are usually asked for in their order.
  @inline(__always)
  func field(_ name: String, of object: Int) -> Int? {
    if let found = name.utf8.withContiguousStorageIfAvailable({ field($0, of: object) }) { return found }
    return Array(name.utf8).withUnsafeBufferPointer { field($0, of: object) }
  }

  @inline(__always)
  private func field(_ name: UnsafeBufferPointer<UInt8>, of object: Int) -> Int? {
    let nodes = contents.pointee.nodes
    let mark = nodes[object].mark
    if mark < nodes[object].end && isKey(mark, name) {
      nodes[object].mark = jsonIndex(after: mark &+ 1, in: nodes)
      return mark &+ 1
    }
    return search(name, object)
  }

  @inline(__always)
  func isKey(_ key: Int, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    let node = contents.pointee.nodes[key]
    if node.isEscaped || node.isShadowed { return !node.isShadowed && isEscapedKey(node, name) }
    guard node.count == name.count else { return false }
    guard let bytes = name.baseAddress else { return true }
    let start = contents.pointee.base + node.offset
    // Without a call for most names.
    if node.count <= 15 { return loadExact16(start, count: node.count) == loadExact16(bytes, count: node.count) }
    return martlet_compare(start, bytes, node.count) == 0
  }

  private func isEscapedKey(_ node: JSONNode, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    JSONStrings.unescaped(contents.pointee.base, node).elementsEqual(name)
  }

  /// Looks at the fields after the last one found, and then at those before it.
  @inline(never)
  private func search(_ name: UnsafeBufferPointer<UInt8>, _ object: Int) -> Int? {
    let nodes = contents.pointee.nodes
    let (mark, end) = (nodes[object].mark, nodes[object].end)
    for range in [mark..<max(mark, end), (object + 1)..<max(object + 1, min(mark, end))] {
      var key = range.lowerBound
      while key < range.upperBound {
        let next = jsonIndex(after: key + 1, in: nodes)
        if isKey(key, name) {
          nodes[object].mark = next
          return key + 1
        }
        key = next
      }
    }
    return nil
  }

  /// Calls `body` with the index of each key whose field counts.
  package func forEachKey(of object: Int, _ body: (Int) -> Bool) {
    var key = object + 1
    while key < self[object].end {
      if !self[key].isShadowed && !body(key) { return }
      key = index(after: key + 1)
    }
  }

  // MARK: Texts

  /// The text of a string or key. Without escapes it shares the buffer of the record.
  @inline(__always)
  package func text(_ index: Int) -> Text {
    let node = self[index]
    if node.isEscaped { return unescapedText(node) }
    let start = contents.pointee.base + node.offset
    if let owner = contents.pointee.owner { return Text(start, count: node.count, inUnowned: owner) }
    if node.count > 15 { return Text(decoding: UnsafeBufferPointer(start: start, count: node.count)) }
    return Text(words: loadPadded16(start, count: node.count), count: node.count)
  }

  /// Calls `body` with the bytes of a string or key.
  @inline(__always)
  package func withBytes<Result>(of index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    let node = self[index]
    if node.isEscaped { return JSONStrings.unescaped(contents.pointee.base, node).withUnsafeBufferPointer(body) }
    return body(UnsafeBufferPointer(start: contents.pointee.base + node.offset, count: node.count))
  }

  @inline(never)
  private func unescapedText(_ node: JSONNode) -> Text {
    let buffer = TextBuffer(capacity: node.count)
    let size = JSONStrings.unescape(contents.pointee.base + node.offset, node.count, to: buffer.base)
    return Text(buffer.base, count: size, in: buffer)
  }

  package func string(_ index: Int) -> String {
    let node = self[index]
    if node.isEscaped { return String(unescapedText(node)) }
    let bytes = UnsafeBufferPointer(start: contents.pointee.base + node.offset, count: node.count)
    // Each is faster for its lengths.
    return bytes.count <= 15
      ? String(unsafeUninitializedCapacity: bytes.count) { $0.initialize(from: bytes).index }
      : String(decoding: bytes, as: UTF8.self)
  }
}
