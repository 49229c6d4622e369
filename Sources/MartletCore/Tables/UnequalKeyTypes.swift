// Unsafe code. Invariant: a pointer to a value points to an initialized value of the type that its closure was made
// for.

import Synchronization

// Determines which types can have values that are not equal to themselves, and how to look into the arrays, sets and
// dictionaries of such types: a container is equal to itself, whatever it holds, if both sides share its memory.

private let typesEqualToThemselves: Set<ObjectIdentifier> = Set(
  [
    Text.self, String.self, Substring.self, Character.self, Unicode.Scalar.self, Bool.self, Int.self, Int8.self,
    Int16.self, Int32.self, Int64.self, UInt.self, UInt8.self, UInt16.self, UInt32.self, UInt64.self, Duration.self,
  ].map { (type: Any.Type) in ObjectIdentifier(type) })

private let typesThatMayDiffer = Mutex<[ObjectIdentifier: Bool]>([:])

/// Returns true if values of the type may be unequal to themselves, as far as its parts show. (A type without
/// floating-point numbers whose `==` is defined that way is not considered: such keys are the same if their parts and
/// hashes are.)
func mayDiffer(_ type: Any.Type) -> Bool {
  let id = ObjectIdentifier(type)
  if let known = typesThatMayDiffer.withLock({ $0[id] }) { return known }
  let result = mayDiffer(type, depth: 0)
  typesThatMayDiffer.withLock { $0[id] = result }
  return result
}

private func mayDiffer(_ type: Any.Type, depth: Int) -> Bool {
  if typesEqualToThemselves.contains(ObjectIdentifier(type)) { return false }
  // Types may contain arrays of themselves.
  if depth > 16 || type is any FloatingPoint.Type || type is any SIMD.Type { return true }
  if let container = type as? any KeyContainer.Type {
    return container.partTypes.contains { mayDiffer($0, depth: depth + 1) }
  }
  func structure<Value>(_ type: Value.Type) -> TypeStructure { TypeStructure(type) }
  switch _openExistential(type, do: structure) {
  case .fields(let fields): return fields.contains { mayDiffer($0.type, depth: depth + 1) }
  case .cases, .builtin: return false
  case .unknown: return payloadTypes(type)?.contains { mayDiffer($0, depth: depth + 1) } ?? true
  }
}

/// Returns true if there are parts that may differ and that `containerParts` cannot look into: the contents of objects
/// and `indirect` cases. A case that carries only a number is compared correctly by `==`.
func hasHiddenParts(_ type: Any.Type, depth: Int = 0) -> Bool {
  if depth > 16 { return true }
  if type is any FloatingPoint.Type || type is any SIMD.Type || !mayDiffer(type) { return false }
  if let container = type as? any KeyContainer.Type {
    return container.partTypes.contains { hasHiddenParts($0, depth: depth + 1) }
  }
  func structure<Value>(_ type: Value.Type) -> TypeStructure { TypeStructure(type) }
  switch _openExistential(type, do: structure) {
  case .fields(let fields): return fields.contains { hasHiddenParts($0.type, depth: depth + 1) }
  case .cases, .builtin: return false
  case .unknown: return payloads(type)?.contains { isHidden($0, depth: depth + 1) } ?? true
  }
}

private func isHidden(_ payload: (type: Any.Type, isIndirect: Bool), depth: Int) -> Bool {
  payload.isIndirect
    ? mayDiffer(payload.type) && !(payload.type is any FloatingPoint.Type) : hasHiddenParts(payload.type, depth: depth)
}

/// Access to the arrays, sets and dictionaries in values of a type.
struct ContainerParts: @unchecked Sendable {
  // Sendable: the closures capture only types, offsets and other such closures.
  /// True if the containers hold a value that is not equal to itself.
  let holdNaN: (UnsafeRawPointer) -> Bool
  /// Copies the containers to memory of their own.
  let rebuild: (UnsafeMutableRawPointer) -> Void
}

/// Returns `nil` if there are no containers, or none that can be found: objects and boxes, such as those of `indirect`
/// cases, are not searched.
func containerParts<Value>(of type: Value.Type, depth: Int = 0) -> ContainerParts? {
  guard depth <= 16, mayDiffer(type) else { return nil }
  if let container = type as? any KeyContainer.Type { return container.containerParts(depth: depth) }
  guard case .fields(let fields) = TypeStructure(type) else { return partsOfCases(type) }
  func ofField<Field>(_ type: Field.Type) -> ContainerParts? { containerParts(of: type, depth: depth + 1) }
  let parts = fields.compactMap { field in
    _openExistential(field.type, do: ofField).map { (offset: field.offset, parts: $0) }
  }
  guard !parts.isEmpty else { return nil }
  return ContainerParts(
    holdNaN: { value in parts.contains { $0.parts.holdNaN(value + $0.offset) } },
    rebuild: { value in for part in parts { part.parts.rebuild(value + part.offset) } })
}

private let knownParts = Mutex<[ObjectIdentifier: ContainerParts?]>([:])

/// Access to the containers in the payloads of an enumeration.
private func partsOfCases<Value>(_ type: Value.Type) -> ContainerParts? {
  guard let payloads = payloads(type), let cases = EnumCases(type),
    payloads.contains(where: { !$0.isIndirect && !($0.type is any FloatingPoint.Type) && mayDiffer($0.type) })
  else { return nil }
  /// Computed when such a case appears, because a case may carry an array of the enumeration itself.
  @Sendable func parts(_ number: Int) -> ContainerParts? {
    guard number < payloads.count, !payloads[number].isIndirect else { return nil }
    let type = payloads[number].type
    if let known = knownParts.withLock({ $0[ObjectIdentifier(type)] }) { return known }
    func ofPayload<Payload>(_ type: Payload.Type) -> ContainerParts? { containerParts(of: type) }
    let parts = _openExistential(type, do: ofPayload)
    knownParts.withLock { $0[ObjectIdentifier(type)] = .some(parts) }
    return parts
  }
  return ContainerParts(
    holdNaN: { value in
      let number = cases.number(of: value)
      guard let parts = parts(number) else { return false }
      var copy = value.assumingMemoryBound(to: Value.self).pointee
      return withUnsafeMutablePointer(to: &copy) { copy in
        cases.withPayload(of: copy, number: number) { parts.holdNaN($0) }
      }
    },
    rebuild: { value in
      let number = cases.number(of: value)
      if let parts = parts(number) { cases.withPayload(of: value, number: number) { parts.rebuild($0) } }
    })
}

/// Generic types that are equal to themselves if their parts are.
private protocol KeyContainer {
  static var partTypes: [Any.Type] { get }
  static func containerParts(depth: Int) -> ContainerParts?
}

private func holdsNaN<Part>(_ part: Part, _ containers: ContainerParts?) -> Bool {
  if let part = part as? any Equatable, !isEqualToItself(part) { return true }
  return withUnsafePointer(to: part) { part in containers?.holdNaN(part) ?? false }
}

private func rebuilt<Part>(_ part: Part, _ containers: ContainerParts?) -> Part {
  var part = part
  if let containers { withUnsafeMutablePointer(to: &part) { containers.rebuild($0) } }
  return part
}

extension Optional: KeyContainer {
  fileprivate static var partTypes: [Any.Type] { [Wrapped.self] }

  fileprivate static func containerParts(depth: Int) -> ContainerParts? {
    guard let wrapped = MartletCore.containerParts(of: Wrapped.self, depth: depth + 1) else { return nil }
    return ContainerParts(
      holdNaN: { value in
        guard let value = value.assumingMemoryBound(to: Wrapped?.self).pointee else { return false }
        return withUnsafePointer(to: value) { wrapped.holdNaN($0) }
      },
      rebuild: { value in
        let value = value.assumingMemoryBound(to: Wrapped?.self)
        value.pointee = value.pointee.map { rebuilt($0, wrapped) }
      })
  }
}

extension Array: KeyContainer {
  fileprivate static var partTypes: [Any.Type] { [Element.self] }

  fileprivate static func containerParts(depth: Int) -> ContainerParts? {
    let element = MartletCore.containerParts(of: Element.self, depth: depth + 1)
    return ContainerParts(
      holdNaN: { $0.assumingMemoryBound(to: [Element].self).pointee.contains { holdsNaN($0, element) } },
      rebuild: { array in
        let array = array.assumingMemoryBound(to: [Element].self)
        array.pointee = array.pointee.map { rebuilt($0, element) }
      })
  }
}

extension ContiguousArray: KeyContainer {
  fileprivate static var partTypes: [Any.Type] { [Element.self] }

  fileprivate static func containerParts(depth: Int) -> ContainerParts? {
    let element = MartletCore.containerParts(of: Element.self, depth: depth + 1)
    return ContainerParts(
      holdNaN: { $0.assumingMemoryBound(to: ContiguousArray<Element>.self).pointee.contains { holdsNaN($0, element) } },
      rebuild: { array in
        let array = array.assumingMemoryBound(to: ContiguousArray<Element>.self)
        array.pointee = ContiguousArray(array.pointee.map { rebuilt($0, element) })
      })
  }
}

extension ArraySlice: KeyContainer {
  fileprivate static var partTypes: [Any.Type] { [Element.self] }

  fileprivate static func containerParts(depth: Int) -> ContainerParts? {
    let element = MartletCore.containerParts(of: Element.self, depth: depth + 1)
    return ContainerParts(
      holdNaN: { $0.assumingMemoryBound(to: ArraySlice<Element>.self).pointee.contains { holdsNaN($0, element) } },
      rebuild: { array in
        let array = array.assumingMemoryBound(to: ArraySlice<Element>.self)
        array.pointee = ArraySlice(array.pointee.map { rebuilt($0, element) })
      })
  }
}

extension Set: KeyContainer {
  fileprivate static var partTypes: [Any.Type] { [Element.self] }

  fileprivate static func containerParts(depth: Int) -> ContainerParts? {
    let element = MartletCore.containerParts(of: Element.self, depth: depth + 1)
    return ContainerParts(
      holdNaN: { $0.assumingMemoryBound(to: Set<Element>.self).pointee.contains { holdsNaN($0, element) } },
      rebuild: { set in
        let set = set.assumingMemoryBound(to: Set<Element>.self)
        set.pointee = Set(set.pointee.map { rebuilt($0, element) })
      })
  }
}

extension Dictionary: KeyContainer {
  fileprivate static var partTypes: [Any.Type] { [Key.self, Value.self] }

  fileprivate static func containerParts(depth: Int) -> ContainerParts? {
    let key = MartletCore.containerParts(of: Key.self, depth: depth + 1)
    let value = MartletCore.containerParts(of: Value.self, depth: depth + 1)
    return ContainerParts(
      holdNaN: { dictionary in
        dictionary.assumingMemoryBound(to: [Key: Value].self).pointee.contains {
          holdsNaN($0.key, key) || holdsNaN($0.value, value)
        }
      },
      rebuild: { dictionary in
        let dictionary = dictionary.assumingMemoryBound(to: [Key: Value].self)
        let entries = dictionary.pointee.map { (rebuilt($0.key, key), rebuilt($0.value, value)) }
        dictionary.pointee = Dictionary(entries) { first, _ in first }
      })
  }
}
