import { describe, expect, it } from 'vitest';
import { patchSources } from '#main/engine/install/binding-patch.ts';

/** The parts of binding/tfjs_backend.cc of tfjs-node 4.22.0 (Apache 2.0) that lend memory, shortened between them. */
const published = `static std::set<std::string> ATTR_NAME_SET;

// Callback to cleanup extra reference count for shared V8/TF tensor memory:
static void DeallocTensor(void *data, size_t len, void *arg) {
  NapiAutoRef *auto_ref = static_cast<NapiAutoRef *>(arg);
  if (!auto_ref) {
#if DEBUG
    fprintf(stderr, "Invalid NapiAutoRef reference passed to V8 cleanup\\n");
#endif
    return;
  }
  if (auto_ref->Cleanup() != napi_ok) {
#if DEBUG
    fprintf(stderr, "Exception cleaning up napi_ref instance\\n");
#endif
  }
  delete auto_ref;
}

// Creates a TFE_TensorHandle from a JS typed array.
  // Sharing V8 memory with the underlying TensorFlow tensor requires adding an
  // additional refcount. When the Tensor is deleted, the refcount will be
  // reduced in the callback helper.
  NapiAutoRef *auto_ref = new NapiAutoRef();
  nstatus = auto_ref->Init(env, array_value);
  if (nstatus != napi_ok) {
    delete auto_ref;
  }
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);

  // Currently, int64-type Tensors are represented as Int32Arrays.
  // So the logic for comparing the byte size of the typed-array representation
  TF_AutoTensor tensor(TF_NewTensor(dtype, shape, shape_length, array_data,
                                    byte_size, DeallocTensor, auto_ref));

  TF_AutoStatus tf_status;
  if (TF_GetCode(tf_status.status) != TF_OK) {
    delete auto_ref;
    TFE_DeleteTensorHandle(tfe_tensor_handle);
  }
`;

const binding = `static napi_value InitTFNodeJSBinding(napi_env env, napi_value exports) {
      {"createTensor", nullptr, CreateTensor, nullptr, nullptr, nullptr,`;
const header = `class TFJSBackend {
 public:
`;
const patchBackend = (backend: string, others = [binding, header]) => {
  const sources = { tfjs_backend: backend, tfjs_binding: others[0]!, header: others[1]! };
  const files = new Map([
    ['binding/tfjs_backend.cc', Buffer.from(sources.tfjs_backend)],
    ['binding/tfjs_binding.cc', Buffer.from(sources.tfjs_binding)],
    ['binding/tfjs_backend.h', Buffer.from(sources.header)],
    ['binding/utils.h', Buffer.from('as it was')],
  ]);
  const patched = patchSources(files);
  expect(patched.get('binding/utils.h')!.toString()).toBe('as it was');
  expect(patched.get('binding/tfjs_binding.cc')!.toString()).toContain('{"runFused", nullptr, RunFused,');
  expect(patched.get('binding/tfjs_backend.h')!.toString()).toContain('friend struct Fused;');
  return patched.get('binding/tfjs_backend.cc')!.toString();
};

describe('the mended binding', () => {
  it('copies values and lends no memory', () => {
    const mended = patchBackend(published);
    expect(mended).toContain('memcpy(TF_TensorData(tensor.tensor), array_data, byte_size)');
    expect(mended).toContain('TF_AllocateTensor(dtype, shape, shape_length, byte_size)');
    expect(mended).not.toMatch(/auto_ref|DeallocTensor|TF_NewTensor/);
    expect(mended).toContain('// Creates a TFE_TensorHandle from a JS typed array.');
    expect(mended).toContain('TFE_DeleteTensorHandle(tfe_tensor_handle);');
  });

  it('is refused where the source is another, mended already or written twice', () => {
    for (const source of [
      '',
      published.replace('byte_size, DeallocTensor', 'size, DeallocTensor'),
      patchBackend(published),
      published + published,
    ])
      expect(() => patchBackend(source)).toThrow(/not the one known here/);
    expect(() => patchBackend(published, [binding, ''])).toThrow(/not the one known here/);
    expect(() => patchBackend(published, ['', header])).toThrow(/not the one known here/);
  });
});
