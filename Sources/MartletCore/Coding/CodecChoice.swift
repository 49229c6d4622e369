extension ElementCodec {
  /// A codec for `type`, if it is one of these: `Text`, `String`, numbers, `Bool` and whatever else holds no references
  /// (raw bytes, for programs of the same build); optionals, arrays, `Pair`s and tuples of such; every other `Codable`
  /// value type.
  ///
  /// Classes have none: their identity, and what a subclass adds, would be lost.
  package static func make(for type: Element.Type = Element.self) -> ElementCodec? {
    if type == Text.self { return textCodec() as? ElementCodec }
    if type == String.self { return stringCodec() as? ElementCodec }
    if _isPOD(type) { return plain() }
    if type is AnyClass { return nil }
    if let composite = type as? any CompositeCodecProvider.Type { return composite.makeCodec() as? ElementCodec }
    if let fields = tupleFields(of: type) { return tuple(fields) }
    if let codable = type as? any Codable.Type { return codableCodec(codable) as? ElementCodec }
    return nil
  }

  /// A codec for pairs of what the two codecs are for.
  package static func pair<Key, Value>(_ key: ElementCodec<Key>, _ value: ElementCodec<Value>) -> ElementCodec
  where Element == (Key, Value) {
    _isPOD(Element.self) ? plain() : twoFields(key, value, name: "tuple")
  }

  /// A codec for pairs, if there is one for both of their parts.
  package static func makePair<Key, Value>() -> ElementCodec? where Element == (Key, Value) {
    if _isPOD(Element.self) { return plain() }
    guard let key = ElementCodec<Key>.make(), let value = ElementCodec<Value>.make() else { return nil }
    return pair(key, value)
  }
}

/// Generic types whose codec is made of their parts'.
protocol CompositeCodecProvider {
  /// An `ElementCodec<Self>`, if the parts have codecs.
  static func makeCodec() -> Any?
}

extension Optional: CompositeCodecProvider {
  static func makeCodec() -> Any? { ElementCodec<Wrapped>.make().map { optionalCodec($0) } }
}

extension Array: CompositeCodecProvider {
  static func makeCodec() -> Any? { ElementCodec<Element>.make().map { arrayCodec($0) } }
}

extension Pair: CompositeCodecProvider {
  static func makeCodec() -> Any? {
    guard let first = ElementCodec<First>.make(), let second = ElementCodec<Second>.make() else { return nil }
    return ElementCodec<Pair>.twoFields(first, second, name: "pair")
  }
}

private func codableCodec<Value: Codable>(_ type: Value.Type) -> Any { binaryCodec(for: type) }
