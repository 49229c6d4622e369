// Unsafe code. Invariant: only the type metadata of tuples is read, in the form that the Swift ABI defines: the kind,
// the number of elements, their labels, and for each element its type and its offset. Metadata that does not agree with
// the memory layout of the tuple is refused.

extension ElementCodec {
  /// A codec for tuples of these fields, if each has one.
  static func tuple(_ tupleFields: [TupleField]) -> ElementCodec? {
    let codecs = tupleFields.compactMap { fieldCodec($0.type, offset: $0.offset) }
    return codecs.count == tupleFields.count ? .fields(codecs, name: "tuple") : nil
  }
}

/// One element of a tuple type.
struct TupleField {
  let type: Any.Type
  let offset: Int
}

private func fieldCodec<Field>(_ type: Field.Type, offset: Int) -> FieldCodec? {
  ElementCodec<Field>.make(for: type).map { FieldCodec($0, offset: offset) }
}

private func layout<Field>(_ type: Field.Type) -> (size: Int, alignment: Int) {
  (MemoryLayout<Field>.size, MemoryLayout<Field>.alignment)
}

/// The types and offsets of a tuple's elements; `nil` if `type` is not a tuple.
///
/// Swift's own reflection needs a value, but decoding needs the fields before there is one.
func tupleFields<Element>(of type: Element.Type) -> [TupleField]? {
  let tupleKind = 0x301
  let metadata = unsafeBitCast(type as Any.Type, to: UnsafeRawPointer.self)
  guard metadata.load(as: Int.self) == tupleKind else { return nil }
  let word = MemoryLayout<Int>.size
  let count = (metadata + word).load(as: Int.self)
  var fields: [TupleField] = []
  var end = 0
  for i in 0..<count {
    let entry = metadata + (3 + 2 * i) * word
    let field = entry.load(as: Any.Type.self)
    // Apple's platforms use 32 bits here, others a word; offsets fit both.
    let offset = Int((entry + word).load(as: UInt32.self))
    let (size, alignment) = layout(field)
    guard offset == (end + alignment - 1) & ~(alignment - 1) else { return nil }
    end = offset + size
    fields.append(TupleField(type: field, offset: offset))
  }
  return end == MemoryLayout<Element>.size ? fields : nil
}
