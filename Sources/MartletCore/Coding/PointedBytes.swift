// Unsafe code. Invariant: `measure` gets a pointer to an initialized element of the type that it was made for.

/// Estimates the number of bytes that elements of any type point to, for bounds on memory.
///
/// Texts, strings and collections are measured one by one. For other types one element in eight, chosen at random, is
/// measured field by field, and the others are assumed to be as large as the last one measured. Data that several
/// elements share counts for each of them. For one thread at a time.
package struct PointedBytes<Element> {
  private let measure: ((UnsafeRawPointer) -> Int)?
  private var last = 0
  private var measured = 0
  private var seed: UInt64 = 0x9E37_79B9_7F4A_7C15

  package init() {
    measure = _isPOD(Element.self) ? nil : exactMeasure(of: Element.self)
  }

  /// The approximate number of bytes that `element` points to.
  package mutating func estimate(_ element: Element) -> Int {
    if _isPOD(Element.self) { return 0 }
    if let measure { return withUnsafePointer(to: element) { measure(UnsafeRawPointer($0)) } }
    // Xorshift: a fixed distance could always meet the same kind of element.
    seed ^= seed << 13
    seed ^= seed >> 7
    seed ^= seed << 17
    if measured < 8 || seed & 7 == 0 {
      measured &+= 1
      last = reflectedBytes(element, depth: 5)
    }
    return last
  }
}

/// A function that measures a type with a known length.
private func exactMeasure<Element>(of type: Element.Type) -> ((UnsafeRawPointer) -> Int)? {
  if type == Text.self { return { textBytes($0.assumingMemoryBound(to: Text.self).pointee) } }
  if type == String.self { return { stringBytes($0.assumingMemoryBound(to: String.self).pointee) } }
  guard let collection = type as? any RandomAccessCollection.Type else { return nil }
  return collectionMeasure(collection)
}

private func collectionMeasure<Items: RandomAccessCollection>(_ type: Items.Type) -> (UnsafeRawPointer) -> Int {
  { collectionBytes($0.assumingMemoryBound(to: Items.self).pointee, depth: 4) }
}

private func textBytes(_ text: Text) -> Int { allocated(text.utf8Count, inline: 15) }

private func stringBytes(_ string: String) -> Int { allocated(string.utf8.count, inline: 15) }

/// The memory for `count` bytes that are allocated together, unless they fit in the value.
private func allocated(_ count: Int, inline: Int) -> Int { count <= inline ? 0 : count + 32 }

/// The memory that a collection points to, estimated from its first items.
private func collectionBytes<Items: Collection>(_ items: Items, depth: Int) -> Int {
  // A range is a collection, but points to nothing.
  if _isPOD(Items.self) { return 0 }
  let count = items.count
  guard count > 0 else { return 0 }
  let own = count.multipliedReportingOverflow(by: MemoryLayout<Items.Element>.stride)
  guard !own.overflow else { return .max / 4 }
  if _isPOD(Items.Element.self) || depth == 0 { return own.partialValue + 32 }
  var bytes = 0
  var looked = 0
  for item in items.prefix(4) {
    bytes += reflectedBytes(item, depth: depth - 1)
    looked += 1
  }
  return own.partialValue + 32 + Int(Double(bytes) / Double(max(1, looked)) * Double(count))
}

/// The memory that a value of any type points to, as far as its fields show.
private func reflectedBytes(_ value: Any, depth: Int) -> Int {
  if let text = value as? Text { return textBytes(text) }
  if let string = value as? String { return stringBytes(string) }
  if isPlain(type(of: value)) { return 0 }
  if let items = value as? any Collection { return collectionBytes(items, depth: depth) }
  let mirror = Mirror(reflecting: value)
  var bytes = mirror.displayStyle == .class ? 48 : 0
  guard depth > 0 else { return max(bytes, 48) }
  if let base = mirror.superclassMirror {
    for field in base.children { bytes += reflectedBytes(field.value, depth: depth - 1) }
  }
  var hasFields = false
  for field in mirror.children.prefix(64) {
    hasFields = true
    bytes += reflectedBytes(field.value, depth: depth - 1)
  }
  // A closure, or another value that does not show its contents.
  return hasFields || mirror.displayStyle != nil ? bytes : 48
}

private func isPlain(_ type: Any.Type) -> Bool {
  func test<Value>(_ type: Value.Type) -> Bool { _isPOD(type) }
  return _openExistential(type, do: test)
}
