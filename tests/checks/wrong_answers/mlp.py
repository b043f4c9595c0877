"""Answers to the tasks of the MLP assignment: what learners may write, and the diagnosis each must get.

`WRONG[task][diagnosis]` lists answers with the same mistake, `RAISED` those that raise an exception, and
`RIGHT` the many ways to be right. They see only what the notebook imports: `torch`, `nn` and `F`.
"""

import textwrap

ONE = "self.lin_1 = nn.Linear(xdim, hdim)"
TWO = "self.lin_2 = nn.Linear(hdim, ydim)"
LAYERS = f"{ONE}; {TWO}"
HIDDEN = "h = F.relu(self.lin_1(x))"
FORWARD = f"{HIDDEN}; return self.lin_2(h)"


def model(init: str = LAYERS, forward: str = FORWARD, start: str = "super().__init__()") -> str:
    return f"""
class MultiLayerPerceptron(nn.Module):
    def __init__(self, xdim, hdim, ydim):
        {start}
        {init}

    def forward(self, x):
        {forward}
"""


def predict(*lines: str) -> str:
    return "def predict(model, x, device):\n" + textwrap.indent("\n".join(lines), "    ")


def count(*lines: str) -> str:
    return "def count_correct(logits, y):\n" + textwrap.indent("\n".join(lines), "    ")


def update(*lines: str, loss: str = "F.cross_entropy(logits, y)", value: str = "loss.item()") -> str:
    lines = f"loss = {loss}", *lines, f"return {value}"
    return "def update(optimizer, logits, y):\n" + textwrap.indent("\n".join(lines), "    ")


LOOP = "n = 0", "for row, label in zip(logits, y):"
BY_HAND = "for p in optimizer.param_groups[0]['params']: p.data -= {rate} * p.grad"
ZERO, BACKWARD, STEP = "optimizer.zero_grad()", "loss.backward()", "optimizer.step()"

WRONG = {
    "layers": {
        "instance": [model() + "MultiLayerPerceptron = MultiLayerPerceptron(64, 32, 10)"],
        "no-module": [
            model(start="pass").replace("(nn.Module)", ""),
            "def MultiLayerPerceptron(xdim, hdim, ydim):\n    nn.Linear(xdim, hdim)",
        ],
        "list": [
            model("self.layers = [nn.Linear(xdim, hdim), nn.Linear(hdim, ydim)]", "return x"),
            model(f"self.lin_1 = [nn.Linear(xdim, hdim)]; {TWO}"),
        ],
        "made-in-forward": [
            model(
                "self.sizes = xdim, hdim, ydim",
                "x_, h_, y_ = self.sizes; lin_1, lin_2 = nn.Linear(x_, h_), nn.Linear(h_, y_); "
                "return lin_2(F.relu(lin_1(x)))",
            )
        ],
        "local": [model("lin_1 = nn.Linear(xdim, hdim); lin_2 = nn.Linear(hdim, ydim)"), model("pass")],
        "names": [
            model("self.fc1 = nn.Linear(xdim, hdim); self.fc2 = nn.Linear(hdim, ydim)"),
            model("self.net = nn.Sequential(nn.Linear(xdim, hdim), nn.ReLU(), nn.Linear(hdim, ydim))"),
        ],
        "types": [
            model(ONE),
            model(f"self.lin_1 = nn.Sequential(nn.Linear(xdim, hdim), nn.ReLU()); {TWO}"),
            model(f"self.lin_1 = nn.Linear; {TWO}"),
            model(f"self.lin_1 = nn.Parameter(torch.randn(xdim, hdim)); {TWO}"),
        ],
        "extra": [model(f"{LAYERS}; self.lin_3 = nn.Linear(ydim, ydim)")],
        "hard-coded": [model(forward=f"x = x.view(-1, 12); {FORWARD}")],
        "own-sizes": [model(forward=f"{FORWARD}.clamp(-1e9, 1e9) if len(x[0]) < 20 else self.lin_2(h).T")],
        "hard-coded-size": [
            model("self.lin_1 = nn.Linear(784, hdim); self.lin_2 = nn.Linear(hdim, 10)"),
            model(f"self.lin_1 = nn.Linear(64, hdim); {TWO}"),
            model(f"{ONE}; self.lin_2 = nn.Linear(hdim, 10)"),
            model("self.lin_1 = nn.Linear(xdim, 128); self.lin_2 = nn.Linear(128, ydim)"),
        ],
        "swapped": [
            model("self.lin_1 = nn.Linear(hdim, xdim); self.lin_2 = nn.Linear(ydim, hdim)"),
            model(f"self.lin_1 = nn.Linear(hdim, xdim); {TWO}"),
            model(f"{ONE}; self.lin_2 = nn.Linear(ydim, hdim)"),
        ],
        "exchanged": [model("self.lin_1 = nn.Linear(hdim, ydim); self.lin_2 = nn.Linear(xdim, hdim)")],
        "hidden-ydim": [model("self.lin_1 = nn.Linear(xdim, ydim); self.lin_2 = nn.Linear(ydim, ydim)")],
        "do-not-fit": [
            model(f"{ONE}; self.lin_2 = nn.Linear(xdim, ydim)"),
            model(f"self.lin_1 = nn.Linear(xdim, xdim); {TWO}"),
        ],
        "sizes": [model("self.lin_1 = nn.Linear(xdim, 2 * hdim); self.lin_2 = nn.Linear(2 * hdim, ydim)")],
        "no-bias": [
            model(f"self.lin_1 = nn.Linear(xdim, hdim, bias=False); {TWO}"),
            model(f"{ONE}; self.lin_2 = nn.Linear(hdim, ydim, False)"),
        ],
        "none": [model(forward=f"{HIDDEN}; self.lin_2(h)")],
        "no-tensor": [
            model(forward=f"{HIDDEN}; return self.lin_2(h).tolist()"),
            model(forward=f"{HIDDEN}; return h, self.lin_2(h)"),
        ],
        "unused-layer": [
            model(forward=f"{HIDDEN}; return h"),
            model(forward=f"{HIDDEN}; self.lin_2(h); return h"),
            model(forward="return self.lin_1(x)"),
        ],
        "repeated": [model(forward=f"{HIDDEN}; self.lin_2(h); return self.lin_2(h)")],
        "shape": [model(forward=f"{HIDDEN}; return self.lin_2(h).T")],
        "classes": [model(forward=f"{HIDDEN}; return self.lin_2(h).argmax(dim=1)")],
        "no-activation": [model(forward="return self.lin_2(self.lin_1(x))")],
        "activation-last": [
            model(forward=f"{HIDDEN}; return F.relu(self.lin_2(h))"),
            model(forward=f"{HIDDEN}; return torch.tanh(self.lin_2(h))"),
        ],
        "activation-elsewhere": [
            model(forward="return F.relu(self.lin_2(self.lin_1(x)))"),
            model(forward="return self.lin_2(self.lin_1(F.relu(x)))"),
        ],
        "other-activation": [
            model(forward="return self.lin_2(torch.sigmoid(self.lin_1(x)))"),
            model(forward="return self.lin_2(1 / (1 + torch.exp(-self.lin_1(x))))"),
            model(forward="return self.lin_2(torch.tanh(self.lin_1(x)))"),
            model(forward="return self.lin_2(F.leaky_relu(self.lin_1(x), 0.2))"),
            model(f"{LAYERS}; self.act = nn.LeakyReLU(0.3)", "return self.lin_2(self.act(self.lin_1(x)))"),
        ],
        "random": [
            model(forward="return self.lin_2(F.dropout(F.relu(self.lin_1(x))))"),
            model(f"{LAYERS}; self.drop = nn.Dropout(0.2)", f"{HIDDEN}; return self.lin_2(self.drop(h))"),
            model(forward=f"{FORWARD} + 0.1 * torch.randn(len(x), 1)"),
        ],
        "cut": [
            model(forward="h = F.relu(self.lin_1(x)).detach(); return self.lin_2(h)"),
            model(forward="h = F.relu(self.lin_1(x).data); return self.lin_2(h)"),
            model(forward="h = torch.tensor(F.relu(self.lin_1(x))); return self.lin_2(h)"),
            model(forward="h = self.lin_1(x).detach().numpy(); return self.lin_2(torch.tensor(h).relu())"),
        ],
        "frozen": [model(f"{LAYERS}; self.lin_1.requires_grad_(False)")],
        "in-place": [model(forward=f"{HIDDEN}; x.zero_(); return self.lin_2(h)")],
        "settings-left": [model(f"torch.set_default_dtype(torch.float64); {LAYERS}")],
        "softmax": [
            model(forward=f"{HIDDEN}; return F.softmax(self.lin_2(h), dim=1)"),
            model(forward="return self.lin_2(self.lin_1(x)).softmax(dim=-1)"),
        ],
        "softmax-over-batch": [model(forward=f"{HIDDEN}; return F.softmax(self.lin_2(h), dim=0)")],
        "log-softmax": [model(forward=f"{HIDDEN}; return F.log_softmax(self.lin_2(h), dim=1)")],
        "sigmoid": [model(forward=f"{HIDDEN}; return torch.sigmoid(self.lin_2(h))")],
        "numbers": [model(forward=f"{HIDDEN}; return self.lin_2(h) / 255")],
        "no-graph": [model(forward=f"{HIDDEN}; return self.lin_2(h).detach()")],
    },
    "predict": {
        "hard-coded-pixels": [
            predict("return model(x.view(-1, 784).to(device))"),
            predict("return model(x.reshape(-1, 8 * 8).to(device))"),
            predict("return model(x.view(32, 784).to(device))"),
        ],
        "hard-coded-batch": [predict("return model(x.view(128, -1).to(device))")],
        "no-model": [
            predict("return x.flatten(1).to(device)"),
            predict("yield model(x.flatten(1).to(device))"),
        ],
        "lone-image": [
            predict("return model(x.squeeze().flatten(1).to(device))"),
            predict("return model(x.squeeze(1).flatten(1).squeeze(0).to(device))"),
        ],
        "no-flatten": [predict("return model(x.to(device))")],
        "batch-flattened": [
            predict("return model(x.flatten().to(device))"),
            predict("return model(x.reshape(1, -1).to(device))"),
        ],
        "transposed": [predict("return model(x.flatten(1).T.to(device))")],
        "axis-left": [
            predict("return model(x.flatten(2).to(device))"),
            predict("return model(x.flatten(1, 2).to(device))"),
            predict("return model(x.flatten(0, 1).flatten(1).to(device))"),
        ],
        "input-shape": [
            predict("return model(x[:, 0].flatten(1).to(device))"),
            predict("return model(x.flatten(1).tolist())"),
        ],
        "pixels-mixed": [
            predict("return model(x.permute(0, 2, 3, 1).flatten(1).to(device))"),
            predict("return model(x.permute(1, 2, 3, 0).reshape(x.shape[0], -1).to(device))"),
            predict("return model(x.flatten(1).to(device) / 255)"),
        ],
        "not-moved": [
            predict("return model(x.flatten(1))"),
            predict("x.to(device)", "return model(x.flatten(1))"),
            predict("return model(x.flatten(1).to('cpu'))"),
            predict("return model(x.flatten(1)).to(device)"),
        ],
        "model-moved": [
            predict("return model.to(device)(x.flatten(1))"),
            predict("model.to(device)", "return model(x.flatten(1))"),
        ],
        "moved-back": [
            predict("return model(x.flatten(1).to(device)).cpu()"),
            predict("return model(x.flatten(1).to(device)).to('cpu')"),
        ],
        "none": [predict("logits = model(x.flatten(1).to(device))")],
        "no-tensor": [
            predict("return model(x.flatten(1).to(device)).detach().numpy()"),
            predict("return model(x.flatten(1).to(device)).max(dim=1)"),
        ],
        "shape": [predict("return model(x.flatten(1).to(device))[:-1]")],
        "classes": [predict("return model(x.flatten(1).to(device)).argmax(dim=1)")],
        "softmax": [predict("return model(x.flatten(1).to(device)).softmax(dim=1)")],
        "softmax-over-batch": [predict("return model(x.flatten(1).to(device)).softmax(dim=0)")],
        "log-softmax": [predict("return model(x.flatten(1).to(device)).log_softmax(dim=1)")],
        "sigmoid": [predict("return model(x.flatten(1).to(device)).sigmoid()")],
        "numbers": [predict("return -model(x.flatten(1).to(device))")],
        "random": [predict("return F.dropout(model(x.flatten(1).to(device)))")],
        "other-gradient": [predict("z = model(x.flatten(1).to(device))", "return z + (z - z.detach())")],
        "left-mode": [predict("model.eval()", "return model(x.flatten(1).to(device))")],
        "left-frozen": [
            predict("z = model(x.flatten(1).to(device))", "model.requires_grad_(False)", "return z")
        ],
        "settings-left": [
            predict("torch.set_default_device(device)", "return model(x.flatten(1).to(device))")
        ],
        "no-graph": [
            predict("with torch.no_grad():", "    return model(x.flatten(1).to(device))"),
            predict("return model(x.flatten(1).to(device)).detach()"),
        ],
    },
    "count": {
        "none": [count("(logits.argmax(dim=1) == y).sum().item()")],
        "bool": [
            count("return logits.argmax(dim=1).tolist() == y.tolist()"),
            count("return torch.equal(logits.argmax(dim=1), y)"),
            count("return bool((logits.argmax(dim=1) == y).any())"),
            count("return (logits.argmax(dim=1) == y).numpy().any()"),
        ],
        "not-summed": [count("return logits.argmax(dim=1) == y")],
        "argmax-of-all": [count("return (logits.argmax() == y).sum().item()")],
        "argmin": [count("return (logits.argmin(dim=1) == y).sum().item()")],
        "errors": [count("return (logits.argmax(dim=1) != y).sum().item()")],
        "wrong-axis": [
            count("return (logits.argmax(dim=0) == y).sum().item()"),
            count("return (logits.argmax(dim=0) == y).sum()"),
        ],
        "compares-logits": [count("return (logits == y).sum().item()")],
        "everything": [count("return len(y)")],
        "every-pair": [count("return (logits.argmax(dim=1, keepdim=True) == y).sum().item()")],
        "fraction": [
            count("return (logits.argmax(dim=1) == y).float().mean().item()"),
            count("return (logits.argmax(dim=1) == y).float().mean()"),
            count("return round((logits.argmax(dim=1) == y).float().mean().item())"),
            count("return 100 * (logits.argmax(dim=1) == y).sum().item() / len(y)"),
        ],
        "values": [
            count("return (logits.max(dim=1).values == y).sum().item()"),
            count("return (logits.amax(1) == y).sum()"),
            count("return int((logits.numpy().max(1) == y.numpy()).sum())"),
        ],
        "return-in-loop": [
            count(*LOOP, "    if row.argmax() == label:", "        n += 1", "    return n"),
            count(*LOOP, "    n += (row.argmax() == label).item()", "    return n"),
            count(*LOOP, "    if row.argmax() == label:", "        return n + 1"),
        ],
        "rounded": [
            count("return ((torch.sigmoid(logits) > 0.5).float().argmax(1) == y).sum().item()"),
            count("return (torch.sigmoid(logits).round().argmax(1) == y).sum().item()"),
        ],
        "threshold": [
            count("return (logits.softmax(1) > 0.5).sum().item()"),
            count("return (logits.softmax(1)[range(len(y)), y] > 0.5).sum().item()"),
            count("return (logits[range(len(y)), y] > 0).sum().item()"),
        ],
        "top-k": [count(f"return (logits.topk({k}).indices == y[:, None]).sum().item()") for k in (2, 3, 5)],
        "differences": [count("return (logits.argmax(dim=1) - y).sum().item()")],
        "positions": [count("return (logits.argmax(dim=1) == y).nonzero().sum().item()")],
        "count-last": [count(*LOOP, "    n = int(row.argmax() == label)", "return n")],
        "another-number": [
            count(
                "best = logits.max(dim=1)", "return ((best.values > 6) & (best.indices == y)).sum().item()"
            ),
            count("return (logits.min(dim=1).values == y).sum().item()"),
            count("return len(set(logits.argmax(dim=1).tolist()) & set(y.tolist()))"),
            count("return (logits.argmax(dim=1) == y)[2:].sum().item()"),
            count(*LOOP, "    if row.argmax() != label:", "        break", "    n += 1", "return n"),
            count("return 0"),
            count("return 4"),
            count("return F.cross_entropy(logits, y).item()"),
            count("return 'four'"),
            count("return [0, 1, 2, 3]"),
        ],
        "tensor": [
            count("return (logits.argmax(dim=1) == y).sum()"),
            count("return (logits.argmax(dim=1) == y).float().sum()"),
        ],
        "no-int": [
            count("return (logits.argmax(dim=1) == y).float().sum().item()"),
            count("return (logits.argmax(dim=1) == y).numpy().sum()"),
            count("return (logits.argmax(dim=1) == y).float().numpy().sum()"),
        ],
        "hard-coded-batch": [count("return round((logits.argmax(dim=1) == y).float().mean().item() * 8)")],
    },
    "update": {
        "nothing": [update(), update("optimizer.zero_grad; loss.backward; optimizer.step")],
        "no-backward": [update(ZERO, STEP), update(ZERO, "loss.backward", STEP)],
        "no-step": [update(ZERO, BACKWARD), update(ZERO, BACKWARD, "optimizer.step")],
        "no-zero-grad": [
            update(BACKWARD, STEP),
            update(BACKWARD, BY_HAND.format(rate=0.1)),
            update("optimizer.zero_grad", BACKWARD, STEP),
        ],
        "step-too-early": [
            update(ZERO, STEP, BACKWARD),
            update(STEP, ZERO, BACKWARD),
            update(STEP, BACKWARD, ZERO),
        ],
        "zero-grad-too-late": [update(BACKWARD, ZERO, STEP), update(ZERO, BACKWARD, ZERO, STEP)],
        "two-steps": [update(ZERO, BACKWARD, STEP, STEP)],
        "other-loss": [
            update("loss = loss.detach().requires_grad_()", ZERO, BACKWARD, STEP),
            update("loss = torch.tensor(loss.item(), requires_grad=True)", ZERO, BACKWARD, STEP),
            update(ZERO, "nn.Parameter(loss.data).backward()", STEP),
        ],
        "uphill": [
            update(ZERO, "(-loss).backward()", STEP),
            update(ZERO, BACKWARD, BY_HAND.format(rate=-0.1)),
            update(ZERO, BACKWARD, "for p in optimizer.param_groups[0]['params']: p.grad.neg_()", STEP),
        ],
        "two-backwards": [
            update(ZERO, "loss.backward(retain_graph=True)", BACKWARD, STEP),
            update(ZERO, "loss.backward(retain_graph=True)", STEP, BACKWARD, STEP),
        ],
        "left-frozen": [
            update(
                ZERO, BACKWARD, STEP, "for p in optimizer.param_groups[0]['params']: p.requires_grad = False"
            )
        ],
        "settings-left": [update(ZERO, BACKWARD, STEP, "torch.set_grad_enabled(False)")],
        "other-weights": [
            update(ZERO, BACKWARD, "optimizer.param_groups[0]['lr'] = 1.0", STEP),
            update(ZERO, BACKWARD, BY_HAND.format(rate=1)),
            update(BACKWARD, BY_HAND.format(rate=1) + "; p.grad = None"),
            update(ZERO, BACKWARD, STEP, loss="F.cross_entropy(2 * logits, y)"),
        ],
        "softmax-before-loss": [
            update(ZERO, BACKWARD, STEP, loss="F.cross_entropy(logits.softmax(dim=1), y)"),
            update(ZERO, BACKWARD, STEP, loss="F.cross_entropy(F.softmax(logits, dim=0), y)"),
        ],
        "relu-before-loss": [update(ZERO, BACKWARD, STEP, loss="F.cross_entropy(F.relu(logits), y)")],
        "sigmoid-before-loss": [update(ZERO, BACKWARD, STEP, loss="F.cross_entropy(logits.sigmoid(), y)")],
        "summed-loss": [update(ZERO, BACKWARD, STEP, loss="F.cross_entropy(logits, y, reduction='sum')")],
        "nll-loss": [update(ZERO, BACKWARD, STEP, loss="F.nll_loss(logits, y)")],
        "squared-error": [update(ZERO, BACKWARD, STEP, loss="F.mse_loss(logits, F.one_hot(y, 4).float())")],
        "none": [update(ZERO, BACKWARD, STEP, value="None")],
        "loss-tensor": [
            update(ZERO, BACKWARD, STEP, value="loss"),
            update(ZERO, BACKWARD, STEP, value="loss.detach()"),
        ],
        "loss-summed": [update(ZERO, BACKWARD, STEP, value="loss.item() * len(y)")],
        "other-value": [
            update(ZERO, BACKWARD, STEP, value="-loss.item()"),
            update(ZERO, BACKWARD, STEP, value="str(loss)"),
            update(ZERO, BACKWARD, STEP, value="0"),
        ],
    },
}

RAISED = {
    "layers": {
        "no-function": ["MultiLayerPerceptron = None", "MultiLayerPerceptron = 'lin_1'"],
        "super-init": [model(start="pass"), model("self.sizes = xdim", start="pass")],
        "no-forward": [model().replace("forward", "foward")],
        "matrix-shapes": [model(forward="return self.lin_1(F.relu(self.lin_2(x)))")],
        "attribute": [model(forward="return self.lin1(x)")],
        "no-prefix": [model("self.lin_1 = Linear(xdim, hdim)")],
        "name": [model(forward="return lin_2(F.relu(lin_1(x)))")],
        "layer-not-called": [
            model(forward="return self.lin_2(nn.ReLU(self.lin_1(x)))"),
            model(forward="h = nn.ReLU(self.lin_1(x)); return self.lin_2(h)"),
            model(forward="return self.lin_2(F.relu(self.lin_1))"),
            model(forward="return self.lin_2(nn.ReLU)"),
        ],
        "arguments": [
            model().replace("(self, xdim, hdim, ydim)", "(self)"),
            model().replace("(self, x)", "(x)"),
        ],
        "recursion": [model(forward="return self(x)")],
        "error": [model(forward="raise ValueError('perhaps')"), model(forward="exit()")],
    },
    "predict": {
        "view-size": [predict("return model(x.view(1, 28, 28).to(device))")],
        "view-memory": [predict("return model(x.transpose(2, 3).view(len(x), -1).to(device))")],
        "none-attribute": [predict("x = print()", "return model(x.flatten(1).to(device))")],
        "unassigned": [predict("logits = model(logits)")],
        "arguments": ["def predict(model, x): return model(x)"],
        "devices-differ": [predict("return model(x.flatten(1).to(device)) + torch.zeros(7, 4)")],
        "pretend-device": [
            predict("x = x.flatten(1).to(device)", "return model(x / max(1, float(x.max()) - 255))")
        ],
    },
    "count": {
        "sizes-differ": [count("return (logits.argmax(dim=1) == y[:2]).sum().item()")],
        "pair-compared": [count("return (logits.max(dim=1) == y).sum().item()")],
    },
    "update": {
        "number-backward": [update("loss = loss.item()", ZERO, BACKWARD, STEP, value="loss")],
        "detached": [
            update(ZERO, "loss.detach().backward()", STEP),
            update(ZERO, BACKWARD, STEP, loss="F.cross_entropy(logits.detach(), y)"),
        ],
        "loss-classes": [update(ZERO, BACKWARD, STEP, loss="F.cross_entropy(y, logits.argmax(dim=1))")],
        "loss-class": [update(ZERO, BACKWARD, STEP, loss="nn.CrossEntropyLoss(logits, y)")],
        "backward-twice": [update(ZERO, BACKWARD, BACKWARD, STEP)],
        "attribute": [
            update("optimizer.zero_grads()", BACKWARD, STEP),
            update(ZERO, "optimizer.backward(loss)", STEP),
            update(ZERO, BACKWARD, "loss.step()"),
            update("loss.zero_grad()", BACKWARD, STEP),
        ],
        "not-callable": [update(ZERO, BACKWARD, "optimizer.step(loss)")],
    },
}

RIGHT = {
    "layers": [
        model(),
        model("self.lin_1 = nn.Linear(xdim, hdim, bias=True); self.lin_2 = nn.Linear(hdim, ydim, bias=True)"),
        model(f"{LAYERS}; self.sizes = [xdim, hdim, ydim]"),
        model(f"{LAYERS}; self.relu = nn.ReLU()", "return self.lin_2(self.relu(self.lin_1(x)))"),
        model(forward="return self.lin_2(self.lin_1(x).clamp(min=0))"),
        model(forward="return self.lin_2(torch.maximum(self.lin_1(x), torch.zeros(())))"),
        model(forward="return self.lin_2(self.lin_1(x.flatten(1)).relu())"),
        model("self.lin_1 = nn.LazyLinear(hdim); self.lin_2 = nn.LazyLinear(ydim)"),
        model("self.lin_2 = nn.Linear(hdim, ydim); self.lin_1 = nn.Linear(xdim, hdim)"),
        model(f"{LAYERS}; self.act = nn.Sequential(nn.ReLU())", "return self.lin_2(self.act(self.lin_1(x)))"),
        model(start="super(MultiLayerPerceptron, self).__init__()"),
    ],
    "predict": [
        predict("return model(x.flatten(1).to(device))"),
        predict("return model(x.to(device).flatten(start_dim=1))"),
        predict("x = x.view(x.shape[0], -1)", "x = x.to(device)", "return model(x)"),
        predict("return model(x.reshape(len(x), -1).to(device))"),
        predict("B, C, H, W = x.shape", "return model(x.reshape(B, C * H * W).to(device))"),
        predict("import einops", "return model(einops.rearrange(x, 'b c h w -> b (c h w)').to(device))"),
        predict("return model.forward(nn.Flatten()(x).to(device, non_blocking=True))"),
        predict("return model(x.flatten(1).to(next(model.parameters()).device))"),
    ],
    "count": [
        count("return (logits.argmax(dim=1) == y).sum().item()"),
        count("return int((logits.argmax(-1) == y).sum())"),
        count("_, predicted = torch.max(logits, 1)", "return predicted.eq(y).sum().item()"),
        count("return sum(p == t for p, t in zip(logits.argmax(1).tolist(), y.tolist()))"),
        count("return torch.count_nonzero(logits.softmax(1).argmax(1) == y).item()"),
        count("return int((logits.numpy().argmax(1) == y.numpy()).sum())"),
    ],
    "update": [
        update(ZERO, BACKWARD, STEP),
        update("optimizer.zero_grad(set_to_none=False)", BACKWARD, STEP),
        update(BACKWARD, STEP, ZERO),
        update(ZERO, BACKWARD, BY_HAND.format(rate=0.1)),
        update("for p in optimizer.param_groups[0]['params']: p.grad = None", BACKWARD, STEP),
        update("number = loss.item()", ZERO, "loss.backward(retain_graph=True)", STEP, value="number"),
        update(ZERO, BACKWARD, STEP, loss="nn.CrossEntropyLoss()(logits, y)", value="float(loss)"),
        update(ZERO, BACKWARD, STEP, loss="F.nll_loss(logits.log_softmax(dim=1), y)"),
        update(ZERO, BACKWARD, STEP, loss="-logits.log_softmax(1)[range(len(y)), y].mean()"),
    ],
}
