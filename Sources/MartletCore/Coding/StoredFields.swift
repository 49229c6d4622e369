// Unsafe code. Invariant: metadata is read in the form that the Swift ABI defines, and only the parts that exist for
// its kind; the functions of the runtime are those that Swift's own `Mirror` uses, and are called only for structures.

/// One stored property of a structure, or one element of a tuple.
package struct StoredField {
  package let name: String
  package let type: Any.Type
  package let offset: Int
}

/// The structure of a type, as far as it can be determined without a value.
package enum TypeStructure {
  case fields([StoredField])
  /// An enumeration whose cases carry no values, with their names in order.
  case cases([String])
  /// A type that is built into Swift.
  case builtin
  case unknown

  package init<Value>(_ type: Value.Type) {
    let metadata = unsafeBitCast(type as Any.Type, to: UnsafeRawPointer.self)
    switch metadata.load(as: Int.self) {
    case 0x200: self = storedFields(of: type).map { .fields($0) } ?? .unknown
    case 0x201: self = caseNames(metadata).map { .cases($0) } ?? .unknown
    case 0x300: self = .builtin
    default:
      guard let fields = tupleFields(of: type) else {
        self = .unknown
        return
      }
      self = .fields(fields.enumerated().map { StoredField(name: "\($0)", type: $1.type, offset: $1.offset) })
    }
  }
}

/// Returns `nil` if the program was built without the names of fields.
private func storedFields<Value>(of type: Value.Type) -> [StoredField]? {
  let count = fieldCount(type)
  if count == 0 && MemoryLayout<Value>.size > 0 { return nil }
  return (0..<count).map { index in
    var described = FieldDescription(name: nil, free: nil, isStrong: false, isVariable: false)
    let fieldType = fieldDescription(type, index: index, field: &described)
    defer { described.free?(described.name) }
    let name = described.name.map { String(cString: $0) } ?? ""
    return StoredField(name: name, type: fieldType, offset: fieldOffset(type, index: index))
  }
}

/// Returns `nil` if there are cases that carry values.
private func caseNames(_ metadata: UnsafeRawPointer) -> [String]? {
  let descriptor = (metadata + MemoryLayout<Int>.size).load(as: UnsafeRawPointer.self)
  let casesWithValues = (descriptor + 20).load(as: UInt32.self) & 0xFF_FFFF
  let casesWithout = Int((descriptor + 24).load(as: UInt32.self))
  let fields = Int((descriptor + 16).load(as: Int32.self))
  guard casesWithValues == 0, fields != 0 else { return nil }
  let records = descriptor + 16 + fields
  let recordSize = Int((records + 10).load(as: UInt16.self))
  guard Int((records + 12).load(as: UInt32.self)) == casesWithout else { return nil }
  return (0..<casesWithout).map { number in
    let name = records + 16 + number * recordSize + 8
    return String(cString: (name + Int(name.load(as: Int32.self))).assumingMemoryBound(to: CChar.self))
  }
}

/// The types that the cases of an enumeration carry; `nil` if they are unknown, or the type is not an enumeration.
func payloadTypes(_ type: Any.Type) -> [Any.Type]? { payloads(type)?.map(\.type) }

/// The payloads of the cases of an enumeration that have one, in the order of their tags; `nil` if they are unknown, or
/// the type is not an enumeration.
func payloads(_ type: Any.Type) -> [(type: Any.Type, isIndirect: Bool)]? {
  let metadata = unsafeBitCast(type, to: UnsafeRawPointer.self)
  guard metadata.load(as: Int.self) == 0x201 else { return nil }
  let descriptor = (metadata + MemoryLayout<Int>.size).load(as: UnsafeRawPointer.self)
  let fields = Int((descriptor + 16).load(as: Int32.self))
  let casesWithValues = Int((descriptor + 20).load(as: UInt32.self) & 0xFF_FFFF)
  guard fields != 0 else { return nil }
  let records = descriptor + 16 + fields
  let recordSize = Int((records + 10).load(as: UInt16.self))
  guard Int((records + 12).load(as: UInt32.self)) >= casesWithValues else { return nil }
  var payloads: [(type: Any.Type, isIndirect: Bool)] = []
  // Cases with a payload come first.
  for number in 0..<casesWithValues {
    let record = records + 16 + number * recordSize
    let name = record + 4
    let offset = Int(name.load(as: Int32.self))
    guard offset != 0 else { return nil }
    // The generic arguments of an enumeration follow its descriptor.
    guard
      let type = _getTypeByMangledNameInContext(
        (name + offset).assumingMemoryBound(to: UInt8.self), UInt(mangledLength(name + offset)),
        genericContext: descriptor, genericArguments: metadata + 2 * MemoryLayout<Int>.size)
    else { return nil }
    payloads.append((type, isIndirect: record.load(as: UInt32.self) & 1 != 0))
  }
  return payloads
}

/// The number of bytes of a mangled name up to its end, which is a zero outside of the references in it.
private func mangledLength(_ name: UnsafeRawPointer) -> Int {
  var length = 0
  while true {
    switch name.load(fromByteOffset: length, as: UInt8.self) {
    case 0: return length
    case 0x01...0x17: length += 5
    case 0x18...0x1F: length += 1 + MemoryLayout<Int>.size
    default: length += 1
    }
  }
}

private struct FieldDescription {
  var name: UnsafePointer<CChar>?
  var free: (@convention(c) (UnsafePointer<CChar>?) -> Void)?
  var isStrong: Bool
  var isVariable: Bool
}

@_silgen_name("swift_reflectionMirror_recursiveCount")
private func fieldCount(_ type: Any.Type) -> Int

@_silgen_name("swift_reflectionMirror_recursiveChildMetadata")
private func fieldDescription(_ type: Any.Type, index: Int, field: UnsafeMutablePointer<FieldDescription>) -> Any.Type

@_silgen_name("swift_reflectionMirror_recursiveChildOffset")
private func fieldOffset(_ type: Any.Type, index: Int) -> Int
