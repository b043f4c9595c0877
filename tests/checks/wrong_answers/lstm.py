"""Answers to the tasks of the assignment on the LSTM, in the same form as in `mlp.py`."""

import textwrap


def function(head: str, *lines: str) -> str:
    return f"def {head}:\n" + textwrap.indent("\n".join(lines), "    ")


def states(*lines: str) -> str:
    return function("initial_states(x, n_layer, hdim)", *lines)


def zeros(shape: str, more: str = ", device=x.device", make: str = "zeros") -> str:
    state = f"torch.{make}({shape}{more})"
    return states(f"h = {state}", f"c = {state}", "return h, c")


SHAPE = "n_layer, x.size(0), hdim"
LSTM = "self.lstm = nn.LSTM(xdim, hdim, n_layer, batch_first=True)"
LINEAR = "self.linear = nn.Linear(hdim, ydim)"
STATES = "states = initial_states(x, self.n_layer, self.hdim)"
OUT = "out, _ = self.lstm(x, states)"
RETURN = "return self.linear(out[:, -1, :])"


def classifier(*forward: str, lstm: str = LSTM, linear: str = LINEAR, start: str = "") -> str:
    body = textwrap.indent("\n".join(forward or (STATES, OUT, RETURN)), 8 * " ")
    return f"""
class LSTMClassifier(nn.Module):
    def __init__(self, xdim, hdim, n_layer, ydim):
        super().__init__()
        self.n_layer, self.hdim = n_layer, hdim
        {start}
        {lstm}
        {linear}

    def forward(self, x):
{body}
"""


def read(last: str) -> str:
    """Return a classifier that reads something other than the last output."""
    return classifier(STATES, "out, (h, c) = self.lstm(x, states)", f"return {last}")


def linear_of(state: str) -> str:
    return read(f"self.linear({state})")


def made(lstm: str) -> str:
    return classifier(lstm=f"self.lstm = nn.{lstm}")


SUMS = "sums = x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh"
CUT = "i, f, g, o = sums.chunk(4, dim=1)"
GATES = "i, f, o = i.sigmoid(), f.sigmoid(), o.sigmoid()"
CANDIDATE = "g = g.tanh()"
CELL, HIDDEN, BOTH = "c = f * c + i * g", "h = o * c.tanh()", "return h, c"


def step(
    sums: str = SUMS,
    cut: str = CUT,
    gates: str = GATES,
    candidate: str = CANDIDATE,
    cell: str = CELL,
    hidden: str = HIDDEN,
    end: str = BOTH,
) -> str:
    head = "lstm_step(x, h, c, weight_ih, weight_hh, bias_ih, bias_hh)"
    return function(head, sums, cut, gates, candidate, cell, hidden, end)


WRONG = {
    "states": {
        "none": [states("h = torch.zeros(n_layer, x.size(0), hdim)", "c = h")],
        "one-tensor": [
            states(f"return torch.zeros({SHAPE}, device=x.device)"),
            states(f"return torch.zeros(2, {SHAPE}, device=x.device)"),
        ],
        "no-pair": [
            states("return 0"),
            states(f"return {{'h': torch.zeros({SHAPE}), 'c': torch.zeros({SHAPE})}}"),
        ],
        "number-of-states": [
            states(f"return [torch.zeros({SHAPE})]"),
            states(f"h = torch.zeros({SHAPE})", "return h, h, h"),
        ],
        "no-tensors": [
            states("return None, None"),
            states("import numpy as np", f"return np.zeros(({SHAPE})), 0"),
            states("h = [[[0.0] * hdim] * x.size(0)] * n_layer", "return h, h"),
        ],
        "batch-first-states": [zeros("x.size(0), n_layer, hdim"), zeros("len(x), n_layer, hdim", "")],
        "axes-exchanged": [zeros("n_layer, hdim, x.size(0)"), zeros("hdim, n_layer, x.size(0)")],
        "steps-for-batch": [zeros("n_layer, x.size(1), hdim")],
        "width-for-batch": [zeros("n_layer, x.size(2), hdim"), zeros("n_layer, x.shape[-1], hdim")],
        "wide-as-input": [zeros("n_layer, x.size(0), x.size(2)")],
        "one-layer": [zeros("1, x.size(0), hdim")],
        "layers-left-out": [zeros("x.size(0), hdim")],
        "one-sequence": [zeros("n_layer, 1, hdim")],
        "batch-left-out": [zeros("n_layer, hdim")],
        "state-per-step": [
            zeros("n_layer, x.size(0), x.size(1), hdim"),
            zeros("n_layer * x.size(1), x.size(0), hdim"),
        ],
        "fixed-batch": [zeros("n_layer, 32, hdim"), zeros("2, 32, 64")],
        "fixed-layers": [zeros("4, x.size(0), hdim")],
        "fixed-width": [zeros("n_layer, x.size(0), 64")],
        "shape": [zeros("2 * n_layer, x.size(0), hdim"), zeros("hdim")],
        "dtype": [
            zeros(SHAPE, ", dtype=torch.int64"),
            zeros(SHAPE, ", dtype=torch.float64"),
            states(f"h = torch.tensor(0).expand({SHAPE})", "return h, h"),
        ],
        "not-zero": [zeros(SHAPE, make="ones")],
        "random": [
            zeros(SHAPE, make="randn"),
            zeros(SHAPE, make="rand"),
            states(f"return torch.zeros({SHAPE}), torch.randn({SHAPE})"),
        ],
        "device": [
            zeros(SHAPE, ""),
            zeros(SHAPE, ", device='cpu'"),
            states(
                "device = 'cuda' if torch.cuda.is_available() else 'cpu'",
                f"h = torch.zeros({SHAPE}).to(device)",
                "return h, h",
            ),
        ],
    },
    "classifier": {
        "instance": [classifier() + "LSTMClassifier = LSTMClassifier(8, 64, 2, 10)"],
        "no-module": [
            "def LSTMClassifier(xdim, hdim, n_layer, ydim): pass",
            classifier().replace("(nn.Module)", "").replace("super().__init__()", "pass"),
        ],
        "list": [classifier(lstm=LSTM.replace("nn.LSTM(", "[nn.LSTM(") + "]")],
        "local": [classifier(lstm="pass", linear="pass")],
        "no-layers": [classifier(lstm="self.w = nn.Parameter(torch.zeros(xdim, ydim))", linear="pass")],
        "extra": [
            classifier(start="self.h = nn.Parameter(torch.zeros(n_layer, 1, hdim))"),
            classifier(start="self.norm = nn.LayerNorm(hdim)"),
        ],
        "no-lstm": [
            classifier(lstm="self.lstm = nn.Linear(xdim, hdim)"),
            classifier(lstm=LSTM.replace("self.", "")),
        ],
        "cells": [made("LSTMCell(xdim, hdim)")],
        "other-recurrent": [
            made("GRU(xdim, hdim, n_layer, batch_first=True)"),
            made("RNN(xdim, hdim, n_layer, batch_first=True)"),
        ],
        "several-lstms": [
            classifier(
                lstm="self.lstms = nn.ModuleList(nn.LSTM(hdim if n else xdim, hdim) for n in range(n_layer))"
            )
        ],
        "no-linear": [
            classifier(STATES, OUT, "return out[:, -1]", linear="pass"),
            classifier(linear=LINEAR.replace("self.", "")),
        ],
        "several-linear": [classifier(start="self.before = nn.Linear(xdim, xdim)")],
        "layers-not-passed": [
            made("LSTM(xdim, hdim, batch_first=True)"),
            made("LSTM(xdim, hdim, 1, batch_first=True)"),
        ],
        "sizes-exchanged": [
            made("LSTM(hdim, xdim, n_layer, batch_first=True)"),
            made("LSTM(xdim, n_layer, hdim, batch_first=True)"),
        ],
        "hard-coded-size": [
            made("LSTM(xdim, 64, n_layer, batch_first=True)"),
            made("LSTM(8, hdim, n_layer, batch_first=True)"),
            made("LSTM(xdim, hdim, 2, batch_first=True)"),
            classifier(linear="self.linear = nn.Linear(hdim, 10)"),
        ],
        "lstm-sizes": [
            made("LSTM(xdim, 2 * hdim, n_layer, batch_first=True)"),
            made("LSTM(xdim, hdim, n_layer + 1, batch_first=True)"),
        ],
        "linear-from-input": [classifier(linear="self.linear = nn.Linear(xdim, ydim)")],
        "linear-of-layers": [
            classifier(
                STATES,
                "_, (h, c) = self.lstm(x, states)",
                "return self.linear(h.transpose(0, 1).flatten(1))",
                linear="self.linear = nn.Linear(n_layer * hdim, ydim)",
            )
        ],
        "linear-to-state": [classifier(linear="self.linear = nn.Linear(hdim, hdim)")],
        "linear-sizes": [
            classifier(linear="self.linear = nn.Linear(2 * hdim, ydim)"),
            classifier(linear="self.linear = nn.Linear(xdim * hdim, ydim)"),
        ],
        "sizes-swapped": [classifier(linear="self.linear = nn.Linear(ydim, hdim)")],
        "settings": [
            made("LSTM(xdim, hdim, n_layer, batch_first=True, dropout=0.5)"),
            made("LSTM(xdim, hdim, n_layer, batch_first=True, bidirectional=True)"),
            classifier(
                "out, _ = self.lstm(x)",
                RETURN,
                lstm="self.lstm = nn.LSTM(xdim, hdim, n_layer, batch_first=True, bidirectional=True)",
                linear="self.linear = nn.Linear(2 * hdim, ydim)",
            ),
        ],
        "no-bias": [
            made("LSTM(xdim, hdim, n_layer, bias=False, batch_first=True)"),
            classifier(linear="self.linear = nn.Linear(hdim, ydim, bias=False)"),
        ],
        "batch-first": [
            made("LSTM(xdim, hdim, n_layer)"),
            classifier("out, _ = self.lstm(x)", RETURN, lstm="self.lstm = nn.LSTM(*args)").replace(
                "*args", "xdim, hdim, n_layer"
            ),
            classifier(
                "out, _ = self.lstm(x)",
                "return self.linear(out[-1])",
                lstm="self.lstm = nn.LSTM(xdim, hdim, n_layer)",
            ),
        ],
        "first-step": [linear_of("out[:, 0]"), linear_of("out[:, 0, :]")],
        "step-before": [linear_of("out[:, -2]")],
        "all-steps": [
            linear_of("out.mean(dim=1)"),
            linear_of("out.sum(dim=1)"),
            linear_of("out.max(dim=1).values"),
            read("self.linear(out).mean(dim=1)"),
        ],
        "last-sequence": [linear_of("out[-1]"), linear_of("out[-1, :, :]")],
        "axis-left": [linear_of("out[:, -1:]"), linear_of("out[:, -1:, :]")],
        "every-step": [linear_of("out"), linear_of("out[:]")],
        "first-layer": [linear_of("h[0]")],
        "every-layer": [
            linear_of("h.view(-1, self.hdim)"),
            linear_of("h.reshape(-1, h.size(2))"),
            linear_of("h"),
            linear_of("h.mean(dim=0)"),
        ],
        "last-of-states": [linear_of("h[:, -1]")],
        "cell-state": [linear_of("c[-1]")],
        "one-row": [
            classifier(
                "for t in range(x.size(1)):",
                f"    {STATES}",
                "    out, _ = self.lstm(x[:, t : t + 1], states)",
                RETURN,
            ),
            classifier("x = x[:, -1:]", STATES, OUT, RETURN),
        ],
        "states-not-zero": [
            classifier(
                "h = torch.ones(self.n_layer, len(x), self.hdim, device=x.device)",
                "out, _ = self.lstm(x, (h, h))",
                RETURN,
            )
        ],
        "random": [
            classifier(
                "h = torch.randn(self.n_layer, len(x), self.hdim, device=x.device)",
                "out, _ = self.lstm(x, (h, h))",
                RETURN,
            ),
            classifier(start="self.drop = nn.Dropout(0.5)").replace(
                "(out[:, -1, :])", "(self.drop(out[:, -1, :]))"
            ),
        ],
        "states-kept": [
            classifier(
                "if self.states is None or self.states[0].size(1) != len(x):",
                "    self.states = initial_states(x, self.n_layer, self.hdim)",
                "out, states = self.lstm(x, self.states)",
                "self.states = [state.detach() for state in states]",
                RETURN,
                start="self.states = None",
            )
        ],
        "no-linear-used": [read("out[:, -1]"), read("out")],
        "activation-between": [linear_of("F.relu(out[:, -1])"), linear_of("out[:, -1].tanh()")],
        "activation-last": [read("F.relu(self.linear(out[:, -1]))"), read("self.linear(out[:, -1]).tanh()")],
        "squeezed": [linear_of("out[:, -1:].squeeze()"), read("self.linear(out[:, -1:]).squeeze()")],
        "other-length": [linear_of("out[:, 4]"), linear_of("out[:, :5][:, -1]")],
        "none": [classifier(STATES, OUT, "self.linear(out[:, -1])")],
        "no-tensor": [read("(self.linear(out[:, -1]), h)")],
        "shape": [read("self.linear(out[:, -1]).T")],
        "classes": [read("self.linear(out[:, -1]).argmax(dim=1)")],
        "softmax": [
            read("self.linear(out[:, -1]).softmax(dim=1)"),
            read("F.softmax(self.linear(out[:, -1]), dim=-1)"),
        ],
        "softmax-over-batch": [read("self.linear(out[:, -1]).softmax(dim=0)")],
        "log-softmax": [read("self.linear(out[:, -1]).log_softmax(dim=1)")],
        "sigmoid": [read("self.linear(out[:, -1]).sigmoid()")],
        "numbers": [read("2 * self.linear(out[:, -1])")],
        "no-graph": [read("self.linear(out[:, -1]).detach()")],
        "cut": [linear_of("out[:, -1].detach()"), linear_of("out.data[:, -1]"), linear_of("h[-1].detach()")],
        "frozen": [classifier(linear=LINEAR + "; self.lstm.bias_hh_l0.requires_grad = False")],
        "steps-mixed": [
            classifier(
                "out, _ = self.lstm(x.view(x.size(1), x.size(0), -1))",
                "return self.linear(out[-1])",
                lstm="self.lstm = nn.LSTM(xdim, hdim, n_layer)",
            ),
            classifier(
                "out, _ = self.lstm(x.reshape(x.shape[1], x.shape[0], x.shape[2]))",
                "return self.linear(out[-1])",
                lstm="self.lstm = nn.LSTM(xdim, hdim, n_layer)",
            ),
        ],
    },
    "step": {
        "none": [step(end="")],
        "nested": [
            step(end="return h, (h, c)"),
            step(end="return (h, c), c"),
            step(end="return h, (h, c), c"),
        ],
        "gate-added": [
            step(cell="c = f * c + (i + g)"),
            step(cell="c = f + c + i * g"),
            step(hidden="h = o + torch.tanh(c)"),
        ],
        "product-of-both": [step(cell="c = f * c * i * g")],
        "precedence": [step(cell="c = f * (c + i * g)"), step(cell="c = (f * c + i) * g")],
        "cut": [
            step(hidden="h = o * c.detach().tanh()"),
            step("sums = F.linear(x, weight_ih.data, bias_ih) + F.linear(h, weight_hh.data, bias_hh)"),
            step(
                "cell = nn.LSTMCell(x.size(1), h.size(1))",
                "cell.weight_ih.data, cell.weight_hh.data = weight_ih, weight_hh",
                "cell.bias_ih.data, cell.bias_hh.data = bias_ih, bias_hh",
                "h, c = cell(x, (h, c))",
                "",
                "",
            ),
        ],
        "one-value": [step(end="return h"), step(end="return torch.stack([h, c])")],
        "number-of-values": [step(end="return h, h, c")],
        "no-tensor": [step(end="return h.tolist(), c.tolist()")],
        "shape": [
            step(end="return h.T, c.T"),
            step(end="return h[0], c[0]"),
            step(
                "sums = weight_ih @ x.T + weight_hh @ h.T",
                "i, f, g, o = sums.chunk(4)",
                cell="c = f * c.T + i * g",
            ),
        ],
        "exchanged": [step(end="return c, h")],
        "cell-not-returned": [step(cell="d = f * c + i * g", hidden="h = o * d.tanh()")],
        "hidden-not-returned": [step(hidden="new = o * c.tanh()")],
        "hidden-twice": [step(end="return h, h")],
        "gates-returned": [step(end="return o, c")],
        "no-bias": [step("sums = x @ weight_ih.T + h @ weight_hh.T")],
        "one-bias": [
            step("sums = x @ weight_ih.T + h @ weight_hh.T + bias_ih"),
            step("sums = x @ weight_ih.T + h @ weight_hh.T + bias_hh"),
        ],
        "no-x": [step("sums = bias_ih + h @ weight_hh.T + bias_hh")],
        "no-h": [step("sums = x @ weight_ih.T + bias_ih + bias_hh")],
        "cell-for-hidden": [step("sums = x @ weight_ih.T + bias_ih + c @ weight_hh.T + bias_hh")],
        "input-and-forget": [step(cut="f, i, g, o = sums.chunk(4, dim=1)"), step(cell="c = i * c + f * g")],
        "input-and-candidate": [
            step(cut="g, f, i, o = sums.chunk(4, dim=1)"),
            step(gates="g, f, o = g.sigmoid(), f.sigmoid(), o.sigmoid()").replace(CANDIDATE, "i = i.tanh()"),
        ],
        "candidate-and-output": [step(cut="i, f, o, g = sums.chunk(4, dim=1)")],
        "forget-and-output": [step(cut="i, o, g, f = sums.chunk(4, dim=1)")],
        "gate-order": [
            step(cut="f, i, o, g = sums.chunk(4, dim=1)"),
            step(cut="f, g, i, o = sums.chunk(4, dim=1)"),
            step(cut="o, i, f, g = sums.chunk(4, dim=1)"),
        ],
        "interleaved": [
            step(cut="i, f, g, o = sums.view(len(x), -1, 4).unbind(dim=2)"),
            step(cut="i, f, g, o = sums.view(4, len(x), -1)"),
            step(cut="i, f, g, o = (sums[:, n::4] for n in range(4))"),
        ],
        "candidate-sigmoid": [step(candidate="g = g.sigmoid()")],
        "gate-tanh": [
            step(gates="i, f, o = i.tanh(), f.tanh(), o.tanh()"),
            step(gates="i, f, o = i.sigmoid(), f.sigmoid(), o.tanh()"),
        ],
        "activations-exchanged": [
            step(gates="i, f, o = i.tanh(), f.tanh(), o.tanh()", candidate="g = g.sigmoid()")
        ],
        "no-sigmoid": [step(gates=""), step(gates="i, f = i.sigmoid(), f.sigmoid()")],
        "no-activations": [step(gates="", candidate="")],
        "candidate-raw": [step(candidate="")],
        "no-tanh": [step(hidden="h = o * c")],
        "output-sigmoid": [step(hidden="h = o * c.sigmoid()")],
        "tanh-of-product": [step(hidden="h = torch.tanh(o * c)")],
        "old-cell": [step(cell="new = f * c + i * g", end="return h, new"), step(cell=HIDDEN, hidden=CELL)],
        "candidate-for-cell": [step(hidden="h = o * g"), step(hidden="h = o * g.tanh()")],
        "no-output-gate": [step(hidden="h = c.tanh()")],
        "no-forget-gate": [step(cell="c = c + i * g")],
        "no-memory": [step(cell="c = i * g")],
        "no-input-gate": [step(cell="c = f * c + g")],
        "no-candidate": [step(cell="c = f * c + i")],
        "coupled": [step(cell="c = f * c + (1 - f) * g")],
        "hidden-for-cell": [step(cell="c = f * h + i * g")],
        "cell-squeezed": [
            step(cell="c = (f * c + i * g).tanh()", hidden="h = o * c"),
            step(cell="c = torch.tanh(f * c + i * g)"),
        ],
        "forget-turned": [step(cell="c = (1 - f) * c + i * g")],
        "wrong-c": [
            step("sums = x @ weight_ih.T - bias_ih - h @ weight_hh.T"),
            step(gates="i, f, o = F.softmax(i, 1), F.softmax(f, 1), F.softmax(o, 1)"),
        ],
        "wrong-h": [step(hidden="h = o * c.tanh() ** 2"), step(hidden="h = c")],
        "in-place": [
            step(cell="c *= f; c += i * g"),
            step(cell="c.mul_(f).add_(i * g)"),
            step(end="return h, c", hidden="h.copy_(o * c.tanh())"),
        ],
    },
}

RAISED = {
    "states": {
        "error": [zeros(SHAPE, ", device='nowhere'")],
        "name": [zeros("num_layers, x.size(0), hdim")],
        "pretend-device": [
            states(f"h = torch.zeros({SHAPE}, device=x.device)", "if h.sum().item() == 0: return h, h")
        ],
    },
    "classifier": {
        "tuple-given": [
            classifier(STATES, "out = self.lstm(x, states)", RETURN),
            classifier(STATES, "out = self.lstm(x, states)", "return self.linear(out)"),
            classifier(STATES, "out, h = self.lstm(x, states)", "return self.linear(h)"),
        ],
        "state-shape": [
            classifier("states = initial_states(x, self.hdim, self.n_layer)", OUT, RETURN),
            classifier(
                "h = torch.zeros(len(x), self.n_layer, self.hdim)", "out, _ = self.lstm(x, (h, h))", RETURN
            ),
            classifier(
                "h = torch.zeros(self.n_layer, 32, self.hdim)", "out, _ = self.lstm(x, (h, h))", RETURN
            ),
        ],
        "state-axes": [
            classifier(
                "h, c = initial_states(x, self.n_layer, self.hdim)", "out, _ = self.lstm(x, h)", RETURN
            )
        ],
        "step-width": [
            classifier("x = x.transpose(1, 2)", STATES, OUT, RETURN),
            classifier("x = x.flatten(1)", STATES, "out, _ = self.lstm(x[:, None])", RETURN),
        ],
        "matrix-shapes": [linear_of("out[:, :, -1]"), linear_of("out.flatten(1)")],
        "devices-differ": [
            classifier(
                "h = torch.zeros(self.n_layer, len(x), self.hdim)", "out, _ = self.lstm(x, (h, h))", RETURN
            )
        ],
        "arguments": [
            classifier(
                "h, c = initial_states(x, self.n_layer, self.hdim)", "out, _ = self.lstm(x, h, c)", RETURN
            )
        ],
        "attribute": [classifier("out, _ = self.rnn(x)", RETURN)],
        "missing-index": [linear_of("out[:, 7]")],
        "name": [classifier("out, _ = lstm(x)", RETURN)],
    },
    "step": {
        "matrix-shapes": [
            step("sums = x @ weight_ih + bias_ih + h @ weight_hh + bias_hh"),
            step("sums = weight_ih @ x + bias_ih + weight_hh @ h + bias_hh"),
        ],
        "sizes-differ": [
            step("sums = x * weight_ih.T + bias_ih + h * weight_hh.T + bias_hh"),
            step("sums = weight_ih @ x.T + bias_ih + weight_hh @ h.T + bias_hh"),
        ],
        "unpack": [step(cut="i, f, g, o = sums.chunk(4)"), step(cut="i, f, g, o = sums.split(4, dim=1)")],
        "unassigned": [step(cell="c = F * c + i * g; F = 1")],
        "changed-in-place": [
            step(cell="c = f.mul_(c).add_(i.mul_(g))"),
            step(candidate="g = g.tanh_()", cell="c = f * c; c += i * g; i *= 0"),
        ],
    },
}

RIGHT = {
    "states": [
        zeros(SHAPE),
        states(f"h = torch.zeros({SHAPE}).to(x.device)", "return h, h.clone()"),
        states(f"return x.new_zeros({SHAPE}), x.new_zeros({SHAPE})"),
        states(f"return [torch.zeros({SHAPE}, device=x.device) for _ in 'hc']"),
        states(f"return tuple(torch.zeros(2, {SHAPE}).to(x))"),
        states(
            "h = torch.zeros(n_layer, len(x), hdim, device=x.device, dtype=x.dtype)",
            "return h, torch.zeros_like(h)",
        ),
        states(
            "B, T, xdim = x.shape",
            "return (torch.zeros(n_layer, B, hdim, requires_grad=True).to(x.device),) * 2",
        ),
    ],
    "classifier": [
        classifier(),
        classifier("out, _ = self.lstm(x)", RETURN),
        linear_of("h[-1]"),
        linear_of("h[-1, :, :]"),
        linear_of("out[:, out.size(1) - 1]"),
        linear_of("out[:, -1:].squeeze(dim=1)"),
        read("self.linear(out)[:, -1]"),
        read("self.linear(out[:, -1:, :]).view(len(x), -1)"),
        classifier(
            STATES,
            "out, _ = self.lstm(x.transpose(0, 1), states)",
            "return self.linear(out[-1])",
            lstm="self.lstm = nn.LSTM(xdim, hdim, n_layer)",
        ),
        classifier(
            STATES,
            "for t in range(x.size(1)):",
            "    out, states = self.lstm(x[:, t : t + 1], states)",
            "return self.linear(out[:, -1])",
        ),
        classifier(
            "out = self.rnn(x, initial_states(x, self.n_layer, self.hdim))[0]",
            "return self.head[0](out[:, -1])",
            lstm="self.rnn = nn.LSTM(xdim, hdim, num_layers=n_layer, batch_first=True)",
            linear="self.head = nn.Sequential(nn.Linear(hdim, ydim))",
        ),
        classifier(
            "h = torch.zeros(self.n_layer, x.size(0), self.hdim).to(x.device)",
            "c = torch.zeros(self.n_layer, x.size(0), self.hdim).to(x.device)",
            "rnn_out, (hn, cn) = self.lstm(x, (h, c))",
            "out = self.linear(rnn_out[:, -1, :])",
            "return out",
            linear="self.args = [xdim, hdim]; self.linear = nn.Linear(hdim, ydim)",
        ),
    ],
    "step": [
        step(),
        step("sums = F.linear(x, weight_ih, bias_ih) + F.linear(h, weight_hh, bias_hh)"),
        step(
            "both, w = torch.cat([x, h], 1), torch.cat([weight_ih, weight_hh], 1)",
            "i, f, g, o = (both @ w.T + bias_ih + bias_hh).split(h.size(1), dim=1)",
        ),
        step(
            "sums = torch.einsum('bx,gx->bg', x, weight_ih) + bias_ih",
            "sums += torch.einsum('bh,gh->bg', h, weight_hh) + bias_hh; " + CUT,
        ),
        step(
            cut="n = h.size(1)",
            gates="i, f = torch.sigmoid(sums[:, :n]), torch.sigmoid(sums[:, n : 2 * n])",
            candidate="g, o = torch.tanh(sums[:, 2 * n : -n]), torch.sigmoid(sums[:, -n:])",
        ),
        step(
            "sums = (weight_ih @ x.T + weight_hh @ h.T).T + bias_ih + bias_hh",
            "i, f, g, o = sums.view(len(x), 4, -1).unbind(dim=1)",
        ),
        step(
            "import einops",
            "i, f, g, o = einops.rearrange(\n"
            "        x @ weight_ih.mT + h @ weight_hh.mT + bias_ih + bias_hh,\n"
            "        'b (gate h) -> gate b h', gate=4)",
        ),
        step(end="return [h, c]"),
        step(
            "cell = nn.LSTMCell(x.size(1), h.size(1))",
            "names = 'weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'",
            "weights = dict(zip(names, (weight_ih, weight_hh, bias_ih, bias_hh)))",
            "h, c = torch.func.functional_call(cell, weights, (x, (h, c)))",
            "",
            "",
        ),
        step(cell="c = (f * c).add_(i * g)"),  # in place, in a tensor of its own
        function(
            "lstm_step(x, h, c, weight_ih, weight_hh, bias_ih, bias_hh)",
            "rows = []",
            "for x, h, c in zip(x, h, c):",
            "    sums = weight_ih @ x + bias_ih + weight_hh @ h + bias_hh",
            "    i, f, g, o = sums.chunk(4)",
            "    c = f.sigmoid() * c + i.sigmoid() * g.tanh()",
            "    rows.append((o.sigmoid() * c.tanh(), c))",
            "hs, cs = zip(*rows)",
            "return torch.stack(hs), torch.stack(cs)",
        ),
    ],
}
