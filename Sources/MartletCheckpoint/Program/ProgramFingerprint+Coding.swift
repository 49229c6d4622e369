import MartletCore
import MartletLog
import MartletStreaming

extension ProgramFingerprint {
  func write(_ out: ByteBuffer) {
    out.append(fixed: batchInterval)
    out.append(inputs) { out, input in
      for text in [input.id, input.site, input.place, input.filesID] { out.append(text) }
    }
    out.append(operators) { out, node in
      out.append(node.id)
      out.append(node.site)
      out.append(node.form.operation)
      out.append(optional: node.form.key)
      out.append(optional: node.form.state)
      for text in [node.form.keyType, node.form.stateType, node.place, node.statePlace, node.path] { out.append(text) }
      out.append(optional: node.formerID)
      out.append(node.hasInitialStates)
      out.append(node.beginsAnew)
      out.append(optional: node.resultForm)
    }
    out.append(outputs) { $0.append($1) }
  }

  init(_ reader: inout ByteReader) throws {
    batchInterval = try reader.fixed(Int64.self)
    inputs = try reader.list { reader in
      Input(
        id: try reader.string(), site: try reader.string(), place: try reader.string(), filesID: try reader.string())
    }
    operators = try reader.list { reader in
      let (id, site) = (try reader.string(), try reader.string())
      let form = StateForm(
        operation: try reader.string(), key: try reader.optionalString(), state: try reader.optionalString(),
        keyType: try reader.string(), stateType: try reader.string())
      var node = Operator(
        id: id, site: site, form: form, place: try reader.string(), statePlace: try reader.string(),
        path: try reader.string(), formerID: try reader.optionalString(), hasInitialStates: try reader.flag())
      node.beginsAnew = try reader.flag()
      node.resultForm = try reader.optionalString()
      return node
    }
    outputs = try reader.list { try $0.string() }
  }
}
